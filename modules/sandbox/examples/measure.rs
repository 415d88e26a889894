//! How long code takes: cold, warm, and until it is stopped. `cargo run --release -p sandbox --example measure [FILE.wasm]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    reason = "a measurement for people"
)]

use futures::executor::block_on;
use futures::future::BoxFuture;
use sandbox::{Code, Hook, Host, Limits, Nobody};
use serde_json::{Value, json};
use std::time::Instant;

/// Adds the digits of a document of a hundred lines, byte by byte: about what a check of an order looks at.
const WAT: &str = r#"(module
    (memory (export "memory") 17)
    (global $next (mut i32) (i32.const 65536))
    (func (export "countersign_alloc") (param $length i32) (result i32)
        (local $place i32)
        (local.set $place (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $length)))
        (local.get $place))
    (func (export "countersign_validate") (param $place i32) (param $length i32) (result i64)
        (local $sum i32) (local $end i32) (local $begin i32)
        (local.set $begin (local.get $place))
        (local.set $end (i32.add (local.get $place) (local.get $length)))
        (loop $on
            (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $place))))
            (local.set $place (i32.add (local.get $place) (i32.const 1)))
            (br_if $on (i32.lt_u (local.get $place) (local.get $end))))
        (i64.or (i64.shl (i64.extend_i32_u (local.get $begin)) (i64.const 32)) (i64.extend_i32_u (local.get $length))))
    (func (export "countersign_act") (param i32 i32) (result i64) (loop $on (br $on)) unreachable))"#;

/// Nobody, who counts the steps.
#[derive(Default)]
struct Counting(u64);

impl Host for Counting {
    fn now_ms(&self) -> i64 {
        Nobody.now_ms()
    }

    fn chance(&mut self, bytes: &mut [u8]) {
        Nobody.chance(bytes);
    }

    fn spend(&mut self, steps: u64) {
        self.0 += steps;
    }

    fn log(&mut self, _line: &str) {}

    fn ask(&mut self, _question: Value) -> BoxFuture<'_, Result<Value, String>> {
        Box::pin(async { Ok(json!({ "error": "nothing can be asked for here" })) })
    }
}

fn main() {
    let wasm =
        std::env::args().nth(1).map_or_else(|| wat::parse_str(WAT).unwrap(), |path| std::fs::read(path).unwrap());
    let began = Instant::now();
    let code = Code::new(&wasm, Limits::default()).unwrap();
    println!("{} bytes compiled in {:.3} ms", wasm.len(), began.elapsed().as_secs_f64() * 1e3);
    // Without optimisation a call takes a thousand times as long.
    let calls = if cfg!(debug_assertions) { 20 } else { 2_000 };
    let lines: Vec<Value> = (0..100).map(|n| json!({ "n": n, "price": "12.50" })).collect();
    for (what, data) in
        [("a small document", json!({ "days": 3 })), ("a document of 100 lines", json!({ "lines": lines }))]
    {
        let given = json!({ "collection": "trips", "by": "eva", "before": null, "data": data });
        let mut steps = Counting::default();
        block_on(code.call(Hook::Validate, &given, &mut steps)).unwrap();
        let mut took = Vec::new();
        for _ in 0..calls {
            let began = Instant::now();
            block_on(code.call(Hook::Validate, &given, &mut Nobody)).unwrap();
            took.push(began.elapsed());
        }
        let first = took[0];
        took.sort_unstable();
        let (p50, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
        let (bytes, steps) = (given.to_string().len(), steps.0);
        println!("{what}, {bytes} bytes: {steps} steps, first {first:?}, p50 {p50:?}, p99 {p99:?}");
    }
    let began = Instant::now();
    let act = block_on(code.call(Hook::Act, &json!({ "resource": "a.b", "instance": "i" }), &mut Nobody));
    println!("a task, in the code above a loop: {act:?} in {:?}", began.elapsed());
}
