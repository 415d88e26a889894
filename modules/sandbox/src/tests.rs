use super::*;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

/// The memory of all code below, and a place for documents after the first page.
const FRAME: &str = r#"
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 65536))
    (func (export "countersign_alloc") (param $length i32) (result i32)
        (local $place i32)
        (local.set $place (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $length)))
        (local.get $place))
    (func $packed (param $place i32) (param $length i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get $place)) (i64.const 32)) (i64.extend_i32_u (local.get $length))))
"#;

fn wasm(imports: &str, rest: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {imports} {FRAME} {rest})")).unwrap()
}

/// Code whose `validate` has this body.
fn validating(imports: &str, body: &str) -> Vec<u8> {
    wasm(
        imports,
        &format!(
            r#"(func (export "countersign_validate") (param $place i32) (param $length i32) (result i64) {body})"#
        ),
    )
}

fn code(wasm: &[u8]) -> Code {
    Code::new(wasm, Limits::default()).unwrap()
}

async fn call(wasm: &[u8], host: &mut dyn Host) -> Result<Value, Failure> {
    code(wasm).call(Hook::Validate, &json!({ "data": { "days": 3 } }), host).await
}

const ECHO: &str = "(call $packed (local.get $place) (local.get $length))";

/// Answers every question with what it was, and remembers what it was told.
#[derive(Default)]
struct Attentive {
    asked: Vec<Value>,
    told: Vec<String>,
}

impl Host for Attentive {
    fn now_ms(&self) -> i64 {
        1_795_424_400_000
    }

    fn chance(&mut self, bytes: &mut [u8]) {
        bytes.fill(b'7');
    }

    fn log(&mut self, line: &str) {
        self.told.push(line.to_owned());
    }

    fn ask(&mut self, question: Value) -> BoxFuture<'_, Result<Value, String>> {
        self.asked.push(question.clone());
        async move {
            tokio::task::yield_now().await;
            match question.get("ask").and_then(Value::as_str) {
                Some("broken") => Err("the database is gone".to_owned()),
                _ => Ok(json!({ "given": question })),
            }
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_document_goes_in_and_comes_out() {
    let wasm = validating("", ECHO);
    assert_eq!(code(&wasm).hooks(), [Hook::Validate]);
    assert_eq!(call(&wasm, &mut Nobody).await, Ok(json!({ "data": { "days": 3 } })));
}

#[tokio::test]
async fn nothing_is_left_over_from_call_to_call() {
    let body = r#"
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        (i32.store8 (i32.const 8) (i32.add (i32.load8_u (i32.const 0)) (i32.const 48)))
        (call $packed (i32.const 8) (i32.const 1))"#;
    let code = code(&validating("", body));
    for _ in 0..3 {
        assert_eq!(code.call(Hook::Validate, &json!(null), &mut Nobody).await, Ok(json!(1)));
    }
}

const ASK: &str = r#"(import "countersign" "ask" (func $ask (param i32 i32) (result i64)))"#;

#[tokio::test]
async fn the_host_is_asked_and_the_code_goes_on_with_its_answer() {
    let mut host = Attentive::default();
    let twice = r#"(drop (call $ask (local.get $place) (local.get $length))) (call $ask (local.get $place) (local.get $length))"#;
    let answer = call(&validating(ASK, twice), &mut host).await;
    let question = json!({ "data": { "days": 3 } });
    assert_eq!(answer, Ok(json!({ "given": question })));
    assert_eq!(host.asked, [question.clone(), question]);
}

#[tokio::test]
async fn what_the_host_cannot_do_ends_the_call_and_is_not_the_codes_fault() {
    let data = r#"(data (i32.const 16) "{\"ask\":\"broken\"}")"#;
    let body = "(call $ask (i32.const 16) (i32.const 16))";
    let wasm =
        wasm(ASK, &format!(r#"{data} (func (export "countersign_validate") (param i32 i32) (result i64) {body})"#));
    assert_eq!(call(&wasm, &mut Attentive::default()).await, Err(Failure::Host("the database is gone".to_owned())));
}

#[tokio::test]
async fn time_chance_and_log_come_from_the_host() {
    let imports = r#"
        (import "countersign" "now" (func $now (result i64)))
        (import "countersign" "chance" (func $chance (param i32 i32)))
        (import "countersign" "log" (func $log (param i32 i32)))"#;
    // The millisecond digits of the time are not needed: whether it is the host's is.
    let body = r#"
        (call $chance (i32.const 8) (i32.const 3))
        (call $log (i32.const 8) (i32.const 3))
        (if (i64.ne (call $now) (i64.const 1795424400000)) (then unreachable))
        (call $packed (i32.const 8) (i32.const 3))"#;
    let mut host = Attentive::default();
    assert_eq!(call(&validating(imports, body), &mut host).await, Ok(json!(777)));
    assert_eq!(host.told, ["777"]);
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let cases: &[(&str, &str, &str)] = &[
        ("", "(loop $on (br $on)) unreachable", "the code did not end within 10000000 steps"),
        ("", "unreachable", "the code ended by itself: wasm `unreachable` instruction executed"),
        ("", "(i64.div_s (i64.const 1) (i64.const 0))", "the code ended by itself: integer divide by zero"),
        ("", "(i64.load (i32.const -8))", "the code ended by itself: out of bounds memory access"),
        (
            "",
            "(drop (memory.grow (i32.const 1000))) (i64.const 0)",
            "the code wanted more than 16777216 bytes of memory",
        ),
        (
            "",
            "(call $packed (i32.const -4) (i32.const 8))",
            "the code does not keep to what was agreed: its answer lies outside its memory, at 4294967292 with 8 bytes",
        ),
        (
            "",
            "(call $packed (i32.const 0) (i32.const -1))",
            "the code does not keep to what was agreed: its answer has 4294967295 bytes; it may have 1048576",
        ),
        (
            "",
            "(call $packed (i32.const 0) (i32.const 0))",
            "the code does not keep to what was agreed: its answer is not JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            ASK,
            "(loop $on (drop (call $ask (local.get $place) (local.get $length))) (br $on)) unreachable",
            "the code asked for more than 100 things",
        ),
        (
            ASK,
            "(call $ask (i32.const 0) (i32.const 9))",
            "the code does not keep to what was agreed: a question is not JSON: expected value at line 1 column 1",
        ),
        (
            r#"(import "countersign" "chance" (func $chance (param i32 i32)))"#,
            "(call $chance (i32.const 131070) (i32.const 8)) (i64.const 0)",
            "the code does not keep to what was agreed: random bytes were to go outside its memory, to 131070",
        ),
        (
            r#"(import "countersign" "chance" (func $chance (param i32 i32)))"#,
            "(call $chance (i32.const 0) (i32.const 5000)) (i64.const 0)",
            "the code does not keep to what was agreed: it asked for 5000 random bytes at once; 4096 are the most",
        ),
        (
            r#"(import "countersign" "log" (func $log (param i32 i32)))"#,
            "(call $log (i32.const -1) (i32.const 1)) (i64.const 0)",
            "the code does not keep to what was agreed: a line of the log lies outside its memory, at 4294967295 with 1 bytes",
        ),
    ];
    for (imports, body, said) in cases {
        let failure = call(&validating(imports, body), &mut Attentive::default()).await.unwrap_err();
        assert_eq!(failure.to_string(), *said, "{body}");
    }
}

#[tokio::test]
async fn functions_may_not_call_each_other_for_ever() {
    let rest = r#"
        (func $deep (param $n i64) (result i64) (i64.add (call $deep (local.get $n)) (i64.const 1)))
        (func (export "countersign_validate") (param i32 i32) (result i64) (call $deep (i64.const 1)))"#;
    assert_eq!(call(&wasm("", rest), &mut Nobody).await, Err(Failure::TooDeep));
}

#[tokio::test]
async fn an_allocation_that_loops_or_asks_is_a_failure_too() {
    let module = |alloc: &str| {
        let text = format!(
            r#"(module {ASK} (memory (export "memory") 1)
            (func (export "countersign_alloc") (param i32) (result i32) {alloc})
            (func (export "countersign_validate") (param i32 i32) (result i64) (i64.const 0)))"#
        );
        wat::parse_str(text).unwrap()
    };
    let looping = call(&module("(loop $on (br $on)) unreachable"), &mut Nobody).await;
    assert_eq!(looping, Err(Failure::TooLong { steps: 10_000_000 }));
    let asking = call(&module("(drop (call $ask (i32.const 0) (i32.const 0))) (i32.const 0)"), &mut Nobody).await;
    assert_eq!(
        asking,
        Err(Failure::Unagreed(
            "it asked the host for something where it may not, such as while it makes room".to_owned()
        ))
    );
    let outside = call(&module("(i32.const 65535)"), &mut Nobody).await;
    let message = "countersign_alloc gave a place outside its memory, 65535";
    assert_eq!(outside, Err(Failure::Unagreed(message.to_owned())));
}

#[test]
fn code_that_cannot_be_used_is_refused_before_it_runs() {
    let hook = r#"(func (export "countersign_validate") (param i32 i32) (result i64) (i64.const 0))"#;
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"no wasm".to_vec(), "it is not WebAssembly that runs here: "),
        (
            wasm(r#"(import "env" "system" (func (param i32)))"#, hook),
            "it imports env.system, which does not exist; there are: countersign.ask, countersign.chance, countersign.fail, countersign.log, countersign.now",
        ),
        (
            wasm(r#"(import "countersign" "now" (func (result i32)))"#, hook),
            "it imports now as something else than () -> i64",
        ),
        (wasm(r#"(import "countersign" "log" (memory 1))"#, "").clone(), "it is not WebAssembly that runs here: "),
        (wasm("", ""), "it exports none of the hooks, so it would never run; there are: countersign_compute, "),
        (
            wasm("", r#"(func (export "countersign_act") (result i64) (i64.const 0))"#),
            "it exports countersign_act as something else than a function (i32, i32) -> i64",
        ),
        (
            wasm("", r#"(global (export "countersign_act") i32 (i32.const 0))"#),
            "it exports countersign_act as something else than a function (i32, i32) -> i64",
        ),
        (wat::parse_str(r#"(module (memory (export "memory") 1))"#).unwrap(), "it exports no countersign_alloc; "),
        (wat::parse_str("(module)").unwrap(), "it exports no memory; "),
        (
            wat::parse_str(r#"(module (func (export "memory")))"#).unwrap(),
            "it exports memory as something else than a memory",
        ),
        (vec![0; 9_000_000], "it has 9000000 bytes, and may have 4194304; "),
    ];
    for (wasm, said) in cases {
        let unfit = Code::new(&wasm, Limits::default()).unwrap_err().to_string();
        assert!(unfit.starts_with(said), "{unfit}\n instead of\n{said}");
    }
}

#[tokio::test]
async fn code_that_wants_more_memory_than_it_may_have_never_starts() {
    let text = r#"(module (memory (export "memory") 300)
        (func (export "countersign_alloc") (param i32) (result i32) (i32.const 0))
        (func (export "countersign_validate") (param i32 i32) (result i64) (i64.const 0)))"#;
    let failure = call(&wat::parse_str(text).unwrap(), &mut Nobody).await.unwrap_err();
    assert_eq!(failure, Failure::TooMuchMemory { bytes: 16_777_216 });
}

/// A function that starts with the code would run before anything is counted.
#[tokio::test]
async fn code_that_runs_when_it_is_loaded_is_refused() {
    let rest = format!(
        r#"(func $begin (loop $on (br $on))) (start $begin) {}"#,
        r#"(func (export "countersign_validate") (param i32 i32) (result i64) (i64.const 0))"#
    );
    let wasm = wasm("", &rest);
    let outcome = match Code::new(&wasm, Limits::default()) {
        Err(unfit) => unfit.to_string(),
        Ok(code) => code.call(Hook::Validate, &json!(null), &mut Nobody).await.unwrap_err().to_string(),
    };
    assert!(outcome.contains("start"), "{outcome}");
}

/// However often and however much it tells: a little is kept, and nothing is copied for the rest.
#[tokio::test]
async fn code_that_tells_without_end_is_heard_a_little() {
    let imports = r#"(import "countersign" "log" (func $log (param i32 i32)))"#;
    for length in [0, 131_072] {
        let body = format!("(loop $on (call $log (i32.const 0) (i32.const {length})) (br $on)) unreachable");
        let mut host = Attentive::default();
        let failure = call(&validating(imports, &body), &mut host).await.unwrap_err();
        assert_eq!(failure, Failure::TooLong { steps: 10_000_000 });
        let bytes: usize = host.told.iter().map(String::len).sum();
        assert!(
            (1..=256).contains(&host.told.len()) && bytes <= 3 * 16_384,
            "{} lines, {bytes} bytes",
            host.told.len()
        );
    }
}

#[test]
fn what_costs_time_and_no_steps_is_bounded() {
    let hook = r#"(func (export "countersign_validate") (param i32 i32) (result i64) (i64.const 0))"#;
    let locals = format!("(func (local {}))", "i64 ".repeat(1_001));
    let exports: String = (0..1_001).map(|n| format!(r#"(export "f{n}" (memory 0))"#)).collect();
    let elements = format!("(func $f) (table 1 funcref) (elem (i32.const 0) func {})", "$f ".repeat(100_001));
    let cases = [
        (locals, "it has 1001 variables in a function, and may have 1000"),
        (exports, "it has 1004 exports, and may have 1000"),
        (elements, "it has 100001 entries of tables, and may have 100000"),
    ];
    for (rest, said) in cases {
        let unfit = Code::new(&wasm("", &format!("{rest} {hook}")), Limits::default()).unwrap_err();
        assert_eq!(unfit.to_string(), said);
    }
}

/// Who calls several codes in one commit has steps for all of them together.
#[tokio::test]
async fn the_host_may_have_fewer_steps_left() {
    struct Sparing(u64);
    impl Host for Sparing {
        fn now_ms(&self) -> i64 {
            0
        }
        fn chance(&mut self, _: &mut [u8]) {}
        fn log(&mut self, _: &str) {}
        fn steps_left(&self) -> u64 {
            self.0
        }
        fn spend(&mut self, steps: u64) {
            self.0 -= steps;
        }
        fn ask(&mut self, _: Value) -> BoxFuture<'_, Result<Value, String>> {
            async { Ok(Value::Null) }.boxed()
        }
    }
    let (mut host, echo) = (Sparing(10_000), validating("", ECHO));
    assert!(call(&echo, &mut host).await.is_ok());
    assert!((1..10_000).contains(&host.0), "{}", host.0);
    let left = host.0;
    let failure = call(&validating("", "(loop $on (br $on)) unreachable"), &mut host).await.unwrap_err();
    assert_eq!(failure, Failure::TooLong { steps: left });
    assert!(host.0 < 10, "{}", host.0);
}

/// How code ends that calls such an import with a text, and what it has logged.
async fn ends_by(import: &str) -> (Result<Value, Failure>, Vec<String>) {
    let imports = format!(
        r#"(import "countersign" "{import}" (func $end (param i32 i32)))
        (import "countersign" "log" (func $log (param i32 i32)))"#
    );
    let texts = r#"(data (i32.const 16) "no rate\nfor NOK") "#;
    let body = "(call $end (i32.const 16) (i32.const 15)) (call $log (i32.const 16) (i32.const 7)) (i64.const 0)";
    let hook = format!(r#"{texts}(func (export "countersign_validate") (param i32 i32) (result i64) {body})"#);
    let mut host = Attentive::default();
    let ended = call(&wasm(&imports, &hook), &mut host).await;
    (ended, host.told)
}

#[tokio::test]
async fn code_that_gives_up_or_refuses_says_why() {
    let why = "no rate for NOK".to_owned();
    assert_eq!(ends_by("fail").await, (Err(Failure::GaveUp(why.clone())), Vec::new()));
    assert_eq!(ends_by("refuse").await, (Err(Failure::Refused(why)), Vec::new()));
}
