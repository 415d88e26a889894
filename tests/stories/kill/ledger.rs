//! What was answered, kept where no kill reaches it.

use std::collections::{BTreeMap, BTreeSet};

/// An order that was answered with 201.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) instance: String,
    /// Above what the manager may decide alone.
    pub(crate) is_large: bool,
}

impl Taken {
    /// Whose votes it needs, each once.
    pub(crate) fn voters(&self) -> BTreeSet<&'static str> {
        let all = if self.is_large { &["mira", "felix", "fiona", "hanna"][..] } else { &["mira"][..] };
        all.iter().copied().collect()
    }
}

/// Everything that the service said it has done.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// By idempotency key.
    orders: BTreeMap<String, Taken>,
    /// Number of the order and person, with how often the decision was answered well.
    decisions: BTreeMap<(String, String), u32>,
    /// Why requests got no answer and were sent again.
    unanswered: Vec<String>,
}

impl Ledger {
    /// Keeps a 201. False if the same key was answered otherwise before.
    pub(crate) fn took(&mut self, key: &str, order: Taken) -> bool {
        let before = self.orders.insert(key.to_owned(), order.clone());
        before.is_none_or(|before| before == order)
    }

    /// Keeps a decision that was answered with 303 or 200, or that a page told of.
    pub(crate) fn decided(&mut self, number: &str, person: &str) {
        *self.decisions.entry((number.to_owned(), person.to_owned())).or_default() += 1;
    }

    pub(crate) fn no_answer(&mut self, why: String) {
        self.unanswered.push(why);
    }

    /// Why requests got no answer, or 503, from the first on.
    pub(crate) fn unanswered(&self) -> &[String] {
        &self.unanswered
    }

    /// By order number.
    pub(crate) fn orders(&self) -> BTreeMap<String, Taken> {
        self.orders.values().map(|order| (order.number.clone(), order.clone())).collect()
    }

    /// How many keys were answered. Two keys with one number would be one less in [`Self::orders`].
    pub(crate) fn keys(&self) -> usize {
        self.orders.len()
    }

    /// Who was told that the decision on this order is recorded.
    pub(crate) fn deciders(&self, number: &str) -> BTreeSet<String> {
        let of_order = self.decisions.keys().filter(|(decided, _)| decided == number);
        of_order.map(|(_, person)| person.clone()).collect()
    }

    pub(crate) fn instance(&self, number: &str) -> Option<String> {
        self.orders.values().find(|order| order.number == number).map(|order| order.instance.clone())
    }

    /// How many answers were good news: orders taken, decisions recorded.
    pub(crate) fn answered(&self) -> usize {
        self.orders.len() + self.decisions.len()
    }

    /// Every decision that was answered: the instance and the person.
    pub(crate) fn decisions(&self) -> Vec<(String, String)> {
        let decided = self.decisions.keys();
        decided.filter_map(|(number, person)| Some((self.instance(number)?, person.clone()))).collect()
    }

    pub(crate) fn summary(&self) -> String {
        let large = self.orders.values().filter(|order| order.is_large).count();
        let again = self.decisions.values().filter(|times| **times > 1).count();
        format!(
            "{} orders ({large} of them large), {} decisions ({again} of them made more than once), {} requests without an answer",
            self.orders.len(),
            self.decisions.len(),
            self.unanswered.len(),
        )
    }
}
