use super::*;

#[test]
fn the_language_gives_what_its_documentation_says() {
    for (source, expected) in [
        ("1 + 2", "3"),
        ("7 / 2", "3.5"),
        ("6 / 2", "3"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("7 % 4", "3"),
        ("-5", "-5"),
        ("0 * -1", "0"),
        ("1e3", "1000"),
        ("3.0", "3"),
        ("1e18", "1000000000000000000"),
        ("'a' & 'b'", "\"ab\""),
        ("'a' & 1 & true & null & $nope", "\"a1truenull\""),
        ("'x' & [1, 'y']", "\"x[1,\\\"y\\\"]\""),
        ("1 < 2 and 'a' < 'b'", "true"),
        ("1 = 1 or 1 = 2", "true"),
        ("2 in [1, 2]", "true"),
        ("true ? 'y' : 'n'", "\"y\""),
        ("$nope ?? 4", "4"),
        ("[1, $nope, 2]", "[1, 2]"),
        ("{'a': 1, 'b': $nope}", "{\"a\": 1}"),
        ("[1..4]", "[1, 2, 3, 4]"),
        ("[1..0]", "[]"),
        ("[$nope..5]", "[]"),
        ("[1..2, 7]", "[1, 2, 7]"),
        ("[[1..2], [3]]", "[[1, 2], [3]]"),
        ("$n[$ > 1]", "[2, 3]"),
        ("$n[$ > 2]", "3"),
        ("$n[$ > 2][]", "[3]"),
        ("$n.($ * 2)", "[2, 4, 6]"),
        ("$n.{'v': $}", "[{\"v\": 1}, {\"v\": 2}, {\"v\": 3}]"),
        ("$states.input.people.name", "[\"Anna\", \"Bo\"]"),
        ("$states.input.people.langs", "[\"de\", \"en\", \"sv\"]"),
        ("$states.input.people[name = 'Bo'].langs[1]", "\"sv\""),
        ("$states.input.people^(>name).name", "[\"Bo\", \"Anna\"]"),
        ("$states.input.people{name: $count(langs)}", "{\"Anna\": 1, \"Bo\": 2}"),
        ("$states.input.people@$p.$p.name", "[\"Anna\", \"Bo\"]"),
        ("$states.input.people#$i.{'i': $i, 'n': name}", "[{\"i\": 0, \"n\": \"Anna\"}, {\"i\": 1, \"n\": \"Bo\"}]"),
        ("$po.lines.qty ~> $sum()", "5"),
        ("$po.lines ~> $map(function($l) { $l.qty * 2 })", "[4, 6]"),
        (
            "$po ~> |lines|{'qty': 0}| ~> $lookup('lines')",
            "[{\"price\":\"1.10\",\"qty\":0},{\"price\":\"2.20\",\"qty\":0}]",
        ),
        ("($x := 2; $f := function($v) { $v * $x }; $f(4))", "8"),
        ("($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))", "3628800"),
        ("($up := $uppercase ~> $trim; $up(' a '))", "\"A\""),
        ("$reduce($n, function($a, $b) { $a + $b })", "6"),
        ("$reduce([[1], [2]], $append)", "[1, 2]"),
        ("$map([[1, 2], [3]], $sum)", "[3, 3]"),
        ("($m := $map; $m($n, function($v) { $v + 1 }))", "[2, 3, 4]"),
        ("$filter($n, function($v) { $v != 2 })", "[1, 3]"),
        ("$sort($n, function($a, $b) { $a < $b })", "[3, 2, 1]"),
        ("$merge([{'a': 1}, {'b': 2}])", "{\"a\": 1, \"b\": 2}"),
        ("$each({'a': 1, 'b': 2}, function($v, $k) { $k & $v })", "[\"a1\", \"b2\"]"),
        ("$zip([1, 2], [3, 4])", "[[1, 3], [2, 4]]"),
        ("$append([1], [2, 3])", "[1, 2, 3]"),
        ("$count($n)", "3"),
        ("$exists($nope)", "false"),
        ("$exists($states.input.nothing)", "true"),
        ("$type($states.input.nothing)", "\"null\""),
        ("$formatInteger(7, 'I')", "\"VII\""),
        ("7 ~> $formatInteger('w')", "\"seven\""),
        ("$formatNumber(1234.5, '#,##0.00')", "\"1,234.50\""),
        ("$fromMillis(0)", "\"1970-01-01T00:00:00.000Z\""),
        ("$toMillis('1970-01-01T00:00:01Z')", "1000"),
        ("$contains($text, /w.r/)", "true"),
        ("/L+/i($text).match", "\"ll\""),
    ] {
        gives(source, expected);
    }
}

#[test]
fn text_functions_of_ours_agree_with_the_ones_they_replace() {
    for (source, expected) in [
        ("$string(5)", "\"5\""),
        ("$string('a')", "\"a\""),
        ("$string({'a': [1, null]})", "\"{\\\"a\\\":[1,null]}\""),
        ("$string([1], true)", "\"[\\n  1\\n]\""),
        ("$string({'f': function($x) { $x }})", "\"{\\\"f\\\":\\\"\\\"}\""),
        ("$map([1, 2], $string)", "[\"1\", \"2\"]"),
        ("[1, 2].$string()", "[\"1\", \"2\"]"),
        ("$join(['a', 'b'])", "\"ab\""),
        ("$join(['a', 'b'], '-')", "\"a-b\""),
        ("$join('a', '-')", "\"a\""),
        ("['a', 'b'] ~> $join('+')", "\"a+b\""),
        ("$pad('a', 3)", "\"a  \""),
        ("$pad('a', -3, '#')", "\"##a\""),
        ("$pad('a', 6, 'xy')", "\"axyxyx\""),
        ("$pad('abc', 2)", "\"abc\""),
        ("$pad('€', 2, '-')", "\"€-\""),
        ("['a'].$pad(3)", "\"a  \""),
        ("$replace('banana', 'a', 'o')", "\"bonono\""),
        ("$replace('banana', 'a', 'o', 2)", "\"bonona\""),
        ("$replace('banana', 'a', '')", "\"bnn\""),
        ("$replace('banana', /a(n)/, '<$1>')", "\"b<n><n>a\""),
        ("$replace('banana', /a/, '$0$0', 1)", "\"baanana\""),
        ("$replace('abc', /b/, function($m) { $uppercase($m.match) })", "\"aBc\""),
        ("$match('ab ac', /a(.)/).groups", "[\"b\", \"c\"]"),
        ("$match('ab ac', /a(.)/, 1).index", "0"),
        ("$count($match('ab ac', /a/))", "2"),
        ("$split('a,b', ',')", "[\"a\", \"b\"]"),
        ("$split('a,b,c', ',', 2)", "[\"a\", \"b\"]"),
        ("$split('abc', '')", "[\"a\", \"b\", \"c\"]"),
        ("$split('a1b22c', /[0-9]+/)", "[\"a\", \"b\", \"c\"]"),
        ("$distinct([1, 2, 1, {'a': 1}, {'a': 1}])", "[1, 2, {\"a\": 1}]"),
        ("$distinct('x')", "\"x\""),
    ] {
        gives(source, expected);
    }
    for (source, code) in [
        ("$split(5)", "T0410"),
        ("$split($nope, 5)", "T0410"),
        ("$split('a', 'b', -1)", "D3020"),
        ("$match('a', /a/, -1)", "D3040"),
        ("$replace('a', 'b', 'c', -1)", "D3011"),
        ("$replace($nope, 1, 'c')", "T0410"),
        ("$join([1], ',')", "T0412"),
        ("$string(2, 3)", "T0410"),
        ("$toMillis(5)", "T0410"),
    ] {
        fails(source, &format!("failed: {code}: "));
    }
    gives("$each({'a': 1}, $string)", "\"1\"");
    gives_nothing("$filter([''], $string)");
    gives("['1970-01-01T00:00:00Z'].$toMillis()", "0");
    for source in
        ["$string($nope)", "$join($nope)", "$pad($nope, 1)", "$replace($nope, 'a', 'b')", "$split($nope, ',')"]
    {
        gives_nothing(source);
    }
}

#[test]
fn what_step_functions_adds_is_there() {
    for (source, expected) in [
        ("$partition([0, 1, 2], 2)", "[[0, 1], [2]]"),
        ("$range(0, 9, 3)", "[0, 3, 6, 9]"),
        ("$range(1, 9, 9)", "1"),
        ("$range(3, 1, -1)", "[3, 2, 1]"),
        ("$range(1, 3)", "[1, 2, 3]"),
        ("$range(3, 1, 1)", "[]"),
        ("$parse('[1, {\"a\": 2}]')", "[1, {\"a\": 2}]"),
        ("$hash('abc', 'MD5')", "\"900150983cd24fb0d6963f7d28e17f72\""),
        ("$hash('abc', 'SHA-1')", "\"a9993e364706816aba3e25717850c26c9cd0d89d\""),
        ("$hash('abc', 'SHA-256')", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
        ("$length($hash('abc', 'SHA-384'))", "96"),
        ("$length($hash('abc', 'SHA-512'))", "128"),
        ("$length($uuid())", "36"),
        ("$substring($uuid(), 14, 1)", "\"4\""),
    ] {
        gives(source, expected);
    }
    fails("$partition([1], 0)", "the second argument of $partition must be a whole number above 0");
    fails("$range(1, 2, 0)", "other than 0");
    fails("$hash('a', 'CRC')", "MD5, SHA-1");
    fails("$parse('{')", "$parse: EOF");
}

#[test]
fn the_moment_decides_time_and_chance() {
    gives("$now()", "\"2023-11-14T22:13:20.123Z\"");
    gives("$millis()", "1700000000123");
    gives("$now('[Y]/[M01]')", "\"2023/11\"");
    for (text, picture, expected) in [
        ("13:45", "[H]:[m]", "2023-11-14T13:45:00.000Z"),
        ("07", "[D]", "2023-11-07T00:00:00.000Z"),
        ("March", "[MNn]", "2023-03-01T00:00:00.000Z"),
        ("5", "[m]", "2023-11-14T22:05:00.000Z"),
        ("1:30", "[h]:[m]", "2023-11-14T13:30:00.000Z"),
        ("1:30 am", "[h]:[m] [P]", "2023-11-14T01:30:00.000Z"),
        ("60", "[d]", "2023-03-01T00:00:00.000Z"),
        ("[9", "[[[H]", "2023-11-14T09:00:00.000Z"),
        ("2020-02", "[Y]-[M]", "2020-02-01T00:00:00.000Z"),
    ] {
        gives(&format!("$fromMillis($toMillis('{text}', '{picture}'))"), &format!("\"{expected}\""));
    }
    for source in [
        "'13:45' ~> $toMillis('[H]:[m]')",
        "['13:45'].$toMillis($, '[H]:[m]')",
        "($f := $toMillis; $f('13:45', '[H]:[m]'))",
        "($f := $toMillis(?, '[H]:[m]'); $f('13:45'))",
        "($p := '[H]:[m]'; $toMillis('13:45', $p))",
    ] {
        gives(&format!("$fromMillis({source})"), "\"2023-11-14T13:45:00.000Z\"");
    }
    gives_nothing("$toMillis('noon', '[H]')");
    gives_nothing("$toMillis($nope, '[H]')");
    fails("$toMillis('5', '[W]')", "D3136: $toMillis cannot read weeks");
    fails("$toMillis('x', '[H')", "D3135");
    for source in ["$random()", "$uuid()", "$shuffle([1..20])", "[$random(), $random()]", "$random(3)"] {
        let (states, variables) = (states(), variables());
        let at = |moment| {
            let scope = Scope::new(&states, &variables, moment);
            Expression::parse(source).unwrap().evaluate(&scope).unwrap().unwrap()
        };
        assert_eq!(at(MOMENT), at(MOMENT), "{source}");
        if source != "$random(3)" {
            assert_ne!(at(MOMENT), at(Moment { seed: 8, ..MOMENT }), "{source}");
        }
    }
    gives("$random() != $random()", "true");
    gives("$random(3) = $random(3)", "true");
    gives("$sort($shuffle([1..5]))", "[1, 2, 3, 4, 5]");
}

#[test]
fn undefined_is_not_null_and_not_an_error() {
    let undefined =
        ["$nope", "foo", "$", "$$", "$states.result.x", "$po.lines[9].price", "$n[7]", "$states.input.nothing.x"];
    undefined.into_iter().for_each(gives_nothing);
    gives("$states.input.nothing", "null");
}

#[test]
fn a_condition_is_true_or_false_or_an_error() {
    let (states, variables) = (states(), variables());
    let scope = Scope::new(&states, &variables, MOMENT);
    let truth = |source: &str| Expression::parse(source).unwrap().evaluate_bool(&scope);
    assert_eq!(truth("true"), Ok(true));
    assert_eq!(truth("$count($n) = 4"), Ok(false));
    assert_eq!(truth("$dec_lt($base, $limits.managerOnly)"), Ok(true));
    for (source, found) in [
        ("$states.input.typo", "nothing (undefined)"),
        ("'true'", "a string"),
        ("1", "a number"),
        ("null", "null"),
        ("[true, false]", "an array"),
        ("{}", "an object"),
    ] {
        let problem = truth(source).unwrap_err().to_string();
        assert_eq!(problem, format!("The JSONata expression '{source}' must be true or false, but it is {found}."));
    }
}

#[test]
fn a_workflow_variable_may_have_the_name_of_a_function() {
    gives("$count", "5");
    gives("$count($n)", "3");
    gives("($string := 4; $string + 1)", "5");
    gives("($join := function($x) { $x * 2 }; $join(4))", "8");
    gives("$map([1], function($string) { $string })", "1");
}

#[test]
fn what_is_not_available_is_refused_when_it_is_read() {
    for (source, part) in [
        ("1 +", "cannot be read: S0207: Unexpected end of expression."),
        ("", "cannot be read"),
        ("$eval('1')", "the function $eval is not available"),
        ("($e := $eval; $e('1'))", "the function $eval is not available"),
        ("$map(['1'], $eval)", "the function $eval is not available"),
        ("($eval := 1; 2)", "the function $eval is not available"),
        ("'1' ~> $eval", "the function $eval is not available"),
        ("$map(?, $f)", "$map cannot be applied partially here"),
        ("($map := 1; 2)", "$map is a built-in function; choose another name"),
        ("$contains('a', /(?=x)/)", "look-around, including look-ahead and look-behind, is not supported"),
        ("$contains('a', /(a/)", "unclosed group"),
        ("/(a{1000}){1000}/('a')", "is too large"),
    ] {
        assert!(matches!(Expression::parse(source), Err(ExpressionError::Parse { .. })), "{source}");
        fails(source, part);
    }
}

#[test]
fn errors_name_the_expression_and_say_what_is_wrong() {
    for (source, part) in [
        ("1 + 'a'", "'1 + 'a'' failed: T2002: The right side of the + operator must evaluate to a number."),
        ("$randomSeeded(1)", "T1006: Attempted to invoke a non-function: $randomSeeded"),
        ("$error('stop')", "stop"),
        ("1 / 0", "returned a number that is not finite, which JSON cannot hold."),
        ("$fn := function($x){$x}", "returned a function, which JSON cannot hold."),
        ("{'a': $uppercase}", "returned a function"),
        ("/x/", "a regular expression"),
        ("['a'..2]", "T2003"),
        ("$join([1])", "the first argument of $join must be an array of strings, and it holds something else"),
        ("$pad(1, 2)", "the first argument of $pad must be a string, but it is a number"),
        ("$replace('a', '', 'b')", "D3010"),
        ("$replace('a', 'b', $uppercase)", "or a function written in place"),
        ("$match('a', 'b')", "must be a regular expression, or a function written in place"),
    ] {
        fails(source, part);
    }
    assert_eq!(eval("1 / 0").unwrap_err().error_name(), "States.QueryEvaluationError");
}

#[test]
fn an_expression_says_which_variables_it_reads() {
    for (source, expected) in [
        ("1", &[][..]),
        ("$base", &["base"]),
        ("$states.input.x + $po.lines[$i].price", &["i", "po", "states"]),
        ("($x := $y; $x + $z)", &["y", "z"]),
        ("$map($n, function($v) { $v + $w })", &["n", "w"]),
        ("(($x := 1); $x)", &["x"]),
        ("$n#$i.($i + $k)", &["k", "n"]),
        ("$count($n)", &["n"]),
    ] {
        assert_eq!(Expression::parse(source).unwrap().variables(), expected, "{source}");
    }
}

#[test]
fn expressions_can_be_shared_between_threads() {
    let expression = Expression::parse("$count + $sum($n)").unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let expression = expression.clone();
            std::thread::spawn(move || {
                let (states, variables) = (states(), variables());
                expression.evaluate(&Scope::new(&states, &variables, MOMENT))
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(Some(json!(11))));
    }
    assert_eq!(format!("{expression:?}"), "Expression(\"$count + $sum($n)\")");
}
