//! Names for the states and variables that the plain form adds.

use crate::definition::Definition;
use serde_json::Value;
use std::collections::HashSet;

/// The longest name of a state (states-language.net, "States").
const MAX_CHARS: usize = 80;

/// The names that are taken.
#[derive(Debug)]
pub(super) struct Names {
    states: HashSet<String>,
    /// The whole document: a name that does not occur in it is no variable's.
    text: String,
}

impl Names {
    pub(super) fn of(definition: &Definition, document: &Value) -> Self {
        let states = definition.states().map(|state| state.name.clone()).collect();
        Self { states, text: document.to_string() }
    }

    /// `X__outcome`, or with a number if that is taken; cut where it would be too long.
    pub(super) fn outcome_of(&mut self, state: &str) -> String {
        let candidates =
            (1_u32..).map(|n| cut(state, &if n == 1 { "__outcome".to_owned() } else { format!("__outcome{n}") }));
        let name = candidates.into_iter().find(|name| !self.states.contains(name)).unwrap_or_default();
        self.states.insert(name.clone());
        name
    }

    /// A variable that keeps the input of a state. Letters and digits only, so that it is a name in JSONata.
    pub(super) fn input_of(&mut self, outcome_state: &str) -> String {
        let letters = outcome_state.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
        let mut name = format!("input_of_{}", letters.collect::<String>());
        while self.text.contains(&name) {
            name.push('_');
        }
        self.text.push_str(&name);
        name
    }
}

fn cut(name: &str, end: &str) -> String {
    let begin: String = name.chars().take(MAX_CHARS - end.len()).collect();
    begin + end
}
