//! Definitions, inputs and answers from bytes.
//!
//! Every byte decides something, and where the bytes are used up the simplest is taken. So any bytes give a valid
//! definition, and fewer and smaller bytes give a smaller one, which is how a counterexample shrinks.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use workflow::rehearsal::Answer;

/// A definition that can be played.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The definition.
    pub(crate) definition: Value,
    /// What it starts with.
    pub(crate) input: Value,
    /// What its tasks answer, by state, one after the other.
    pub(crate) answers: BTreeMap<String, Vec<Answer>>,
}

impl Case {
    /// The case that the bytes describe.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut maker = Maker { bytes, names: 0, answers: BTreeMap::new(), jsonata: false, lanes: 0 };
        let jsonata = maker.chance(2);
        maker.jsonata = jsonata;
        let input = maker.document();
        let mut definition = maker.machine();
        if jsonata {
            definition["QueryLanguage"] = json!("JSONata");
        }
        Self { definition, input, answers: maker.answers }
    }
}

/// What has been made so far.
struct Maker<'b> {
    bytes: &'b [u8],
    names: usize,
    answers: BTreeMap<String, Vec<Answer>>,
    /// The language of the definition.
    jsonata: bool,
    /// How many `Parallel` and `Map` states are around.
    lanes: usize,
}

impl Maker<'_> {
    /// A number below `most`.
    fn below(&mut self, most: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % most
    }

    /// Whether something happens that happens once in so many times.
    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    /// One that works, or now and then one that may fail: a machine should come further than its first state.
    fn pick_safe<'t>(&mut self, safe: &[&'t str], wild: &[&'t str]) -> &'t str {
        if self.chance(6) { self.pick(wild) } else { self.pick(safe) }
    }

    fn document(&mut self) -> Value {
        let list: Vec<Value> = (0..self.below(4)).map(|n| json!({ "n": n, "t": "x" })).collect();
        let a = [json!(1), json!(2), json!(1), json!(3), json!("2"), json!(null)][self.below(6)].clone();
        match self.below(15) {
            13 => json!([a, 2, 3]),
            14 => a,
            _ => json!({ "a": a, "c": list, "d": { "e": true } }),
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("S{}", self.names)
    }

    /// States of which each leads to the next, and some to a later one.
    fn machine(&mut self) -> Value {
        let count = 1 + self.below(if self.lanes == 0 { 5 } else { 3 });
        let names: Vec<String> = (0..count).map(|_| self.name()).collect();
        let states: Map<String, Value> =
            (0..count).map(|n| (names[n].clone(), self.state(&names[n], &names[n + 1..]))).collect();
        json!({ "StartAt": names[0], "States": states })
    }

    fn state(&mut self, name: &str, later: &[String]) -> Value {
        // A definition in JSONPath may have states in JSONata, and not the other way round.
        let jsonata = self.jsonata || self.chance(3);
        let mut kinds = vec!["Pass", "Task", "Wait"];
        if self.lanes < 2 {
            kinds.extend(["Parallel", "Map"]);
        }
        kinds.push(if later.is_empty() { "Succeed" } else { "Choice" });
        if later.is_empty() {
            kinds.push("Fail");
        }
        let kind = self.pick(&kinds);
        let mut state = Map::new();
        state.insert("Type".into(), json!(kind));
        if jsonata && !self.jsonata {
            state.insert("QueryLanguage".into(), json!("JSONata"));
        }
        match kind {
            "Choice" => self.choice(&mut state, jsonata, later),
            "Fail" => self.fail(&mut state, jsonata),
            _ => self.working(&mut state, jsonata, name, later),
        }
        Value::Object(state)
    }

    fn working(&mut self, state: &mut Map<String, Value>, jsonata: bool, name: &str, later: &[String]) {
        let kind = state["Type"].as_str().unwrap_or_default().to_owned();
        let works = ["Task", "Parallel", "Map"].contains(&kind.as_str());
        match kind.as_str() {
            "Task" => self.task(state, name),
            "Wait" => self.wait(state, jsonata),
            "Parallel" => {
                self.lanes += 1;
                let branches: Vec<Value> = (0..1 + self.below(3)).map(|_| self.machine()).collect();
                self.lanes -= 1;
                state.insert("Branches".into(), json!(branches));
            }
            "Map" => self.map(state, jsonata),
            _ => {}
        }
        self.flow(state, jsonata, &kind, works);
        if works {
            self.rules(state, jsonata, later);
        }
        if kind != "Succeed" {
            match later.first() {
                Some(next) => state.insert("Next".into(), json!(next)),
                None => state.insert("End".into(), json!(true)),
            };
        }
    }

    fn task(&mut self, state: &mut Map<String, Value>, name: &str) {
        state.insert("Resource".into(), json!("work"));
        // In lanes it is not settled who asks first, so the answer is always the same there.
        let most = if self.lanes == 0 { 4 } else { 1 };
        let answers = (0..1 + self.below(most)).map(|_| match self.below(4) {
            3 => Answer::Error { error: self.pick(&["E.One", "E.Two", "States.Runtime"]).into(), cause: "c".into() },
            _ => Answer::Result(self.document()),
        });
        let answers = answers.collect();
        self.answers.insert(name.to_owned(), answers);
    }

    fn wait(&mut self, state: &mut Map<String, Value>, jsonata: bool) {
        let seconds = self.below(4);
        match (self.chance(5), jsonata) {
            (false, _) => state.insert("Seconds".into(), json!(seconds)),
            (true, true) => state.insert("Seconds".into(), json!("{% $states.input.a %}")),
            (true, false) => state.insert("SecondsPath".into(), json!("$.a")),
        };
    }

    /// For every item of its own: one fails at once, the others take the longer the earlier they come.
    fn uneven(&mut self) -> Value {
        let [choose, wait, fail] = [self.name(), self.name(), self.name()];
        let failing = self.below(4);
        let seconds = "{% $type($states.input.n) = 'number' and $states.input.n < 4 ? 4 - $states.input.n : 1 %}";
        let condition = format!("{{% $states.input.n = {failing} %}}");
        json!({ "StartAt": choose, "States": {
            choose: { "Type": "Choice", "QueryLanguage": "JSONata", "Default": wait,
                "Choices": [{ "Condition": condition, "Next": fail }] },
            wait: { "Type": "Wait", "QueryLanguage": "JSONata", "Seconds": seconds, "Output": self.expression(), "End": true },
            fail: { "Type": "Fail", "Error": self.pick(&["E.One", "E.Two"]) }
        } })
    }

    fn map(&mut self, state: &mut Map<String, Value>, jsonata: bool) {
        self.lanes += 1;
        let processor = if self.chance(2) { self.uneven() } else { self.machine() };
        self.lanes -= 1;
        state.insert("ItemProcessor".into(), processor);
        if jsonata {
            let wild = ["{% $states.input %}", "{% $x %}", "{% $states.input.c[0] %}"];
            let items = self
                .pick_safe(&["{% $states.input.c %}", "{% [{'n': 0}, {'n': 1}, {'n': 2}] %}", "{% [1..3] %}"], &wild);
            state.insert("Items".into(), json!(items));
        } else {
            state.insert("ItemsPath".into(), json!(self.pick_safe(&["$.c", "$.c[0:2]"], &["$", "$.c[*].n", "$.d"])));
        }
        if self.chance(2) {
            let selector = match jsonata {
                true => {
                    json!({ "i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value %}", "a": "{% $states.input.a %}" })
                }
                false => json!({ "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "a.$": "$.a" }),
            };
            state.insert("ItemSelector".into(), selector);
        }
        match self.below(4) {
            2 => state.insert("MaxConcurrency".into(), json!(1 + self.below(2))),
            3 if jsonata && self.chance(2) => state.insert("MaxConcurrency".into(), json!("{% $states.input.a %}")),
            3 if !jsonata && self.chance(2) => state.insert("MaxConcurrencyPath".into(), json!("$.a")),
            _ => None,
        };
        match self.below(4) {
            2 => state.insert("ToleratedFailureCount".into(), json!(self.below(3))),
            3 => state.insert("ToleratedFailurePercentage".into(), json!(self.below(101))),
            _ => None,
        };
    }

    /// The data flow of a state.
    fn flow(&mut self, state: &mut Map<String, Value>, jsonata: bool, kind: &str, works: bool) {
        if jsonata {
            if works && kind != "Map" && self.chance(3) {
                state.insert("Arguments".into(), self.template());
            }
            if self.chance(3) {
                state.insert("Output".into(), self.template());
            }
        } else {
            if self.chance(4) {
                state.insert("InputPath".into(), self.path());
            }
            if (works && kind != "Map" || kind == "Pass") && self.chance(3) {
                state.insert("Parameters".into(), self.payload());
            }
            if kind == "Pass" && self.chance(3) {
                state.insert("Result".into(), self.document());
            }
            if works && self.chance(3) {
                state.insert("ResultSelector".into(), self.payload());
            }
            if (works || kind == "Pass") && self.chance(3) {
                state.insert("ResultPath".into(), self.place());
            }
            if self.chance(5) {
                state.insert("OutputPath".into(), self.path());
            }
        }
        if kind != "Succeed" && self.chance(2) {
            state.insert("Assign".into(), self.assign(jsonata));
        }
    }

    fn template(&mut self) -> Value {
        match self.below(4) {
            1 => json!({ "a": self.expression(), "c": [self.expression(), { "n": 1 }], "d": { "e": false } }),
            2 => json!({ "a": 1, "c": "{% $states.context.Execution.Input.c %}", "d": self.expression() }),
            _ => self.expression(),
        }
    }

    fn expression(&mut self) -> Value {
        let safe = [
            "$states.input",
            "{'a': 2, 'c': [{'n': 5}], 'd': {'e': false}}",
            "$states.context.Execution.Input",
            "$exists($x) ? $x : 1",
            "[$x, $states.context.State.Name]",
            "$states.context.State.Name",
            "$exists($states.result) ? $states.result : $states.input",
            "$exists($states.errorOutput) ? $states.errorOutput.Error : {'a': 'none', 'c': []}",
        ];
        let wild = [
            "$states.input.a",
            "$states.input.c",
            "$x",
            "$count($states.input.c)",
            "$states.result",
            "$states.errorOutput.Error",
            "$states.input.a + 1",
            "$x & 'y'",
            "$states.context.State.RetryCount",
            "$states.input.c[0].n",
            "{'a': $states.input.a, 'c': $x}",
        ];
        json!(format!("{{% {} %}}", self.pick_safe(&safe, &wild)))
    }

    fn payload(&mut self) -> Value {
        let source = self.source();
        match self.below(3) {
            1 => json!({ "a.$": source, "c": [1, { "n.$": self.source() }], "d": { "e": true } }),
            2 => json!({ "a": 1, "c": [] }),
            _ => json!({ "a.$": source }),
        }
    }

    fn source(&mut self) -> &'static str {
        let wild = [
            "$.a",
            "$.c",
            "$x",
            "$.c[*].n",
            "States.ArrayLength($.c)",
            "$.Error",
            "States.Format('{}!', $.a)",
            "$.d.e",
            "$$.State.RetryCount",
        ];
        self.pick_safe(&["$", "$$.State.Name", "$$.Execution.Input", "States.Array(1, 'x')"], &wild)
    }

    fn path(&mut self) -> Value {
        match self.below(8) {
            7 => json!(null),
            _ => json!(self.pick_safe(&["$", "$$.Execution.Input"], &["$.a", "$.d", "$x", "$.c[0]", "$$.State.Name"])),
        }
    }

    fn place(&mut self) -> Value {
        match self.below(4) {
            0 => json!(null),
            _ => json!(self.pick_safe(&["$.a", "$.r.s", "$.d"], &["$", "$.c[0]", "$.a.b"])),
        }
    }

    fn assign(&mut self, jsonata: bool) -> Value {
        match (jsonata, self.chance(2)) {
            (true, false) => json!({ "x": self.expression() }),
            (true, true) => json!({ "x": self.expression(), "y": "{% $x %}" }),
            (false, false) => json!({ "x.$": self.source() }),
            (false, true) => json!({ "x.$": self.source(), "y": 1 }),
        }
    }

    fn rules(&mut self, state: &mut Map<String, Value>, jsonata: bool, later: &[String]) {
        if self.chance(3) {
            let count = 1 + self.below(2);
            let rules: Vec<Value> = (0..count).map(|n| self.retrier(n + 1 == count)).collect();
            state.insert("Retry".into(), json!(rules));
        }
        if !later.is_empty() && self.chance(2) {
            let count = 1 + self.below(2);
            let rules: Vec<Value> = (0..count).map(|n| self.catcher(n + 1 == count, jsonata, later)).collect();
            state.insert("Catch".into(), json!(rules));
        }
    }

    fn errors(&mut self, last: bool) -> Value {
        let names =
            ["E.One", "E.Two", "States.TaskFailed", "States.QueryEvaluationError", "States.Timeout", "States.ALL"];
        json!([self.pick(if last { &names } else { &names[..5] })])
    }

    fn retrier(&mut self, last: bool) -> Value {
        let mut rule = json!({ "ErrorEquals": self.errors(last), "MaxAttempts": self.below(4), "IntervalSeconds": 1 + self.below(3) });
        if self.chance(2) {
            rule["BackoffRate"] = [json!(1), json!(1.5), json!(3)][self.below(3)].clone();
        }
        if self.chance(3) {
            rule["MaxDelaySeconds"] = json!(1 + self.below(4));
        }
        rule
    }

    fn catcher(&mut self, last: bool, jsonata: bool, later: &[String]) -> Value {
        let mut rule = json!({ "ErrorEquals": self.errors(last), "Next": later[self.below(later.len())] });
        if self.chance(3) {
            match jsonata {
                true => rule["Output"] = self.template(),
                false => rule["ResultPath"] = self.place(),
            }
        }
        if self.chance(3) {
            rule["Assign"] = self.assign(jsonata);
        }
        rule
    }

    fn choice(&mut self, state: &mut Map<String, Value>, jsonata: bool, later: &[String]) {
        let count = 1 + self.below(3);
        let rules: Vec<Value> = (0..count).map(|_| self.rule(jsonata, later)).collect();
        state.insert("Choices".into(), json!(rules));
        self.flow(state, jsonata, "Choice", false);
        state.insert("Default".into(), json!(later[0]));
    }

    fn rule(&mut self, jsonata: bool, later: &[String]) -> Value {
        let mut rule = match jsonata {
            true => {
                json!({ "Condition": self.pick_safe(&["{% $states.input.a = 1 %}", "{% $exists($x) %}", "{% false %}"], &["{% $states.input.d.e %}", "{% $x %}"]) })
            }
            false => [
                json!({ "And": [{ "Variable": "$.a", "IsPresent": true }, { "Variable": "$.a", "NumericEquals": 1 }] }),
                json!({ "Variable": "$x", "IsPresent": true }),
                json!({ "Not": { "Variable": "$.d.e", "IsPresent": false } }),
                json!({ "Variable": "$.a", "IsString": true }),
            ][self.below(4)]
            .clone(),
        };
        rule["Next"] = json!(later[self.below(later.len())]);
        if jsonata && self.chance(3) {
            rule["Output"] = self.template();
        }
        if self.chance(3) {
            rule["Assign"] = self.assign(jsonata);
        }
        rule
    }

    fn fail(&mut self, state: &mut Map<String, Value>, jsonata: bool) {
        state.insert("Error".into(), json!(self.pick(&["E.One", "E.Two", "States.Timeout"])));
        if self.chance(4) && jsonata {
            state.insert("Cause".into(), json!("{% $states.input.a %}"));
        }
    }
}
