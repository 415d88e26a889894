//! Expressions written to hurt. Each must end soon, with an error that says which limit it met.

use super::*;
use std::time::{Duration, Instant};

/// Far above the limit of an evaluation, because debug builds on a busy machine are slow between two looks at the clock.
const SOON: Duration = Duration::from_secs(8);

#[track_caller]
fn ends_with_a_limit(source: &str) {
    let started = Instant::now();
    let outcome = eval(source);
    let took = started.elapsed();
    assert!(took < SOON, "{source:.80} took {took:?}");
    use ExpressionError::{TimedOut, TooDeep, TooLarge, TooLong};
    assert!(
        matches!(outcome, Err(TimedOut { .. } | TooDeep { .. } | TooLarge { .. } | TooLong { .. })),
        "{source:.80}: {:.200}",
        format!("{outcome:?}")
    );
}

#[test]
fn sequences_end() {
    for source in [
        "[1..1000000]",
        "[1..1e9]",
        "[-9007199254740991..9007199254740991]",
        "$range(0, 1e9, 1)",
        "$range(9007199254740991, -9007199254740991, -1)",
        "[1..100000].([1..100000])",
        "$reduce([1..60], function($a, $i) { $append($a, $a) }, [1, 2])",
        "$reduce([1..60], function($a, $i) { [$a, $a] }, [1])",
        "$reduce([1..60], function($a, $i) { ($a)[] ~> $append($a) }, [1, 2])",
        "$distinct([1..50000])",
        "$map([1..100000], function($i) { $map([1..100000], function($j) { $j }) })",
    ] {
        ends_with_a_limit(source);
    }
    ends_with_a_limit(&format!("[{}]", vec!["[1..100000]"; 500].join(",")));
}

#[test]
fn text_ends() {
    for source in [
        "$pad('', 2e9)",
        "$pad('', -1e308)",
        "$reduce([1..60], function($a, $i) { $a & $a }, 'x')",
        "$join($map([1..2000], function($i) { 'a' }), $pad('', 100000))",
        "$replace('aaaaaaaaaa', 'a', $pad('', 1000000))",
        "$replace('aaaaaaaaaa', /a/, $pad('', 1000000))",
        "$replace($pad('', 100, 'a'), /a/, function($m) { $pad('', 1000000) })",
        "$string([1..100000].($states))",
        "$reduce([1..60], function($a, $i) { $base64encode($a) }, $pad('', 100000))",
        "$reduce([1..60], function($a, $i) { $string([$a, $a]) }, '\"')",
        "$pad('', 300000)",
    ] {
        ends_with_a_limit(source);
    }
    fails("$formatInteger(1e15, 'I')", "$formatInteger writes numbers above 1000000 only in a literal picture");
    fails("1e15 ~> $formatInteger('i')", "$formatInteger writes numbers above 1000000");
    fails("($f := $formatInteger; $f(1e15, 'I'))", "$formatInteger must be called directly");
}

/// The engine would ask for the memory, and the process would end where there is none.
#[test]
fn pictures_end() {
    let wide = "[Y,9007199254740991]";
    for source in [
        format!("$fromMillis(0, '{wide}')"),
        format!("[0].$fromMillis($, '{wide}')"),
        format!("[0].$fromMillis('{wide}')"),
        format!("0 ~> $fromMillis('{wide}')"),
        format!("($f := $fromMillis; $f(0, '{wide}'))"),
        format!("$map(['{wide}'], function($p) {{ $fromMillis(0, $p) }})"),
        format!("$now('{wide}')"),
        format!("$toMillis('1', '{wide}')"),
        "$fromMillis(0, '[[[Y, 1 0 0 0 0 0 0 - 2 0 0 0 0 0 0 ]')".to_owned(),
        "$fromMillis(0, '[Y,*-19]')".to_owned(),
    ] {
        ends_with_a_limit(&source);
    }
    fails("$fromMillis(0, ?)", "$fromMillis cannot be applied partially here");
    gives("$fromMillis(0, '[Y,6]')", "\"001970\"");
    gives("($f := $fromMillis; $f(0))", "\"1970-01-01T00:00:00.000Z\"");
    gives("0 ~> $fromMillis('[Y]')", "\"1970\"");
    gives("$now('[Y]', '+0200')", "\"2023\"");
}

#[test]
fn values_that_share_their_parts_end() {
    for source in [
        "$reduce([1..60], function($a, $i) { [[$a], [$a]] }, 0) ? 1 : 2",
        "$string($reduce([1..60], function($a, $i) { [[$a], [$a]] }, 0))",
        "$reduce([1..60], function($a, $i) { {'l': $a, 'r': $a} }, 0)",
        "($x := $reduce([1..60], function($a, $i) { {'l': $a, 'r': $a} }, 0); $x = $x)",
        "$reduce([1..60], function($a, $i) { {'l': $a, 'r': $a} }, 0).**",
        "($f := function($n) { $n = 0 ? [0, 0] : ($x := $f($n - 1); $map([1, 2], function($i) { $x })) }; $f(60) ? 1 : 2)",
        "($f := function($n) { $n = 0 ? {'a': 1} : ($x := $f($n - 1); $zip([$x], [$x])) }; $f(60))",
        "($m := $map; $f := function($n) { $n = 0 ? [0] : ($x := $f($n - 1); $m([1, 2], function($i) { $x })) }; $f(60))",
        "[1..100000].($states.input).**",
        "[1..100000].($states.input) ~> |people|{'x': 1}|",
    ] {
        ends_with_a_limit(source);
    }
}

#[test]
fn recursion_ends() {
    ends_with_a_limit("($f := function($n) { $f($n + 1) + 1 }; $f(0))");
    ends_with_a_limit("($f := function($n) { $f($n + 1) }; $f(0))");
    ends_with_a_limit("($f := function($g) { $g($g) }; $f($f))");
    ends_with_a_limit("$reduce([1..300], function($a, $i) { [[$a]] }, 0)");
    ends_with_a_limit("$reduce([1..300], function($a, $i) { {'a': $a} }, 0)");
}

#[test]
fn regular_expressions_end() {
    for source in [
        "($s := $reduce([1..16], function($a, $i) { $a & $a }, 'A'); $match($s, /.*[^A-Z]|[A-Z]/))",
        "($s := $reduce([1..16], function($a, $i) { $a & $a }, 'A'); $replace($s, /.*[^A-Z]|[A-Z]/, 'b'))",
        "($s := $reduce([1..16], function($a, $i) { $a & $a }, 'A'); $split($s, /.*[^A-Z]|[A-Z]/))",
    ] {
        ends_with_a_limit(source);
    }
    // The classic that takes a backtracking engine for ever.
    gives("$contains($pad('', 5000, 'a') & '!', /^(a+)+$/)", "false");
    gives("$contains($pad('', 5000, 'a') & '!', /^(a|a)*$/)", "false");
}

#[test]
fn deep_and_long_sources_are_refused_before_they_are_read() {
    let nested = |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    for source in [
        nested("(", ")", 100_000),
        nested("[", "]", 5_000),
        nested("{'a':", "}", 3_000),
        nested("$f(", ")", 4_000),
        nested("function($x){", "}", 1_000),
        nested("-", "", 16_000),
        nested("1?", ":1", 900),
        nested("1+", "", 990),
        nested("1+", "", 8_000),
        nested("'a'&", "", 900),
        nested("a.", "", 8_000).replace('1', "a"),
        nested("$not(", "", 3_000),
        "(".repeat(16_000),
        "[".repeat(100_000),
        "'".repeat(16_001),
        "1 ".repeat(20_000),
    ] {
        let started = Instant::now();
        let outcome = Expression::parse(&source);
        assert!(started.elapsed() < SOON, "{source:.40}");
        assert!(matches!(outcome, Err(ExpressionError::Parse { .. })), "{source:.40}: {outcome:?}");
    }
    assert!(Expression::parse(&nested("(", ")", 150)).is_ok());
    assert!(Expression::parse(&nested("1+", "", 150)).is_ok());
    let ExpressionError::Parse { position, .. } = Expression::parse(&nested("[", "]", 5_000)).unwrap_err() else {
        panic!("not a parse error")
    };
    assert_eq!(position, Some(200));
}

#[test]
fn deep_documents_are_refused() {
    let deep = (0..5_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    let mut variables = Map::new();
    variables.insert("deep".to_owned(), deep);
    let scope = Scope::new(&Value::Null, &variables, MOMENT);
    let outcome = Expression::parse("$count($deep)").unwrap().evaluate(&scope);
    assert!(matches!(outcome, Err(ExpressionError::TooDeep { .. })), "{outcome:?}");
    // Dropping a value recurses too; this one is taken apart by hand.
    let mut rest = variables.remove("deep").unwrap();
    while let Value::Array(items) = &mut rest {
        rest = items.pop().unwrap_or_default();
    }
}

#[test]
fn a_defect_of_the_engine_fails_the_expression_and_nothing_else() {
    fails("$fromMillis(0, '[,2]')", "the engine could not carry it out");
    gives("1 + 1", "2");
}

#[test]
fn a_result_is_not_longer_than_a_payload() {
    let mut variables = Map::new();
    variables.insert("big".to_owned(), json!("x".repeat(262_143)));
    variables.insert("fits".to_owned(), json!("x".repeat(262_142)));
    let scope = Scope::new(&Value::Null, &variables, MOMENT);
    let outcome = |source: &str| Expression::parse(source).unwrap().evaluate(&scope);
    for source in ["$big", "$big & ''", "[$fits]", "{'a': $fits}"] {
        assert!(matches!(outcome(source), Err(ExpressionError::TooLarge { .. })), "{source}");
    }
    assert!(outcome("$fits").is_ok());
    assert!(outcome("$fits & ''").is_ok());
    assert_eq!(outcome("$length($big)"), Ok(Some(json!(262_143))));
}

/// Counted and not timed, so it is the same on every machine, unless that is ten times slower as a debug build is.
#[test]
fn loops_are_counted() {
    use ExpressionError::{TimedOut, TooLong};
    for source in [
        "($f := function() { $f() }; $f())",
        "($f := function($n) { $n > 0 ? $g($n) : 0 }; $g := function($n) { $f($n) }; $f(1))",
        "[1..2000].([1..2000][$ = 0])",
        "[1..2000][$count([1..2000][$ = 0]) > 0]",
        "[1..2000].{'a': [1..2000][$ = 0]}",
        "[1..2000]^($count([1..2000][$ = 0]))",
        "[1..2000]{$string($count([1..2000][$ = 0])): 1}",
        "$map([1..2000], function($i) { [1..2000][$ = $i] })",
        "$reduce([1..2000], function($a, $i) { $a + $count([1..2000][$ = $i]) }, 0)",
    ] {
        let outcome = eval(source);
        let is_slow = cfg!(debug_assertions) && matches!(outcome, Err(TimedOut { .. }));
        assert!(is_slow || matches!(outcome, Err(TooLong { .. })), "{source}: {outcome:?}");
    }
    let sentence = TooLong { expression: "$f()".to_owned(), most: 5_000_000 }.to_string();
    assert!(sentence.ends_with("takes too long: its loops pass through more than 5000000 parts."), "{sentence}");
    // As many as a large document has are not too many.
    gives("$count([1..100].([1..500][$ = 0]))", "0");
    gives("$count($map([1..20000], function($i) { $i * 2 }))", "20000");
}

#[test]
fn nobody_can_name_a_guard() {
    for source in ["$safe charge(1)", "$`safe charge`(1)", "($safe := 1; $safe charge)"] {
        assert!(eval(source).is_err(), "{source}");
    }
}
