//! What was answered, kept where no kill reaches it.

use std::collections::{BTreeMap, BTreeSet};

/// An order that was answered with 201.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) instance: String,
    /// Above what the manager may decide alone.
    pub(super) is_large: bool,
}

impl Taken {
    /// Whose votes it needs, each once.
    pub(super) fn voters(&self) -> BTreeSet<&'static str> {
        let all = if self.is_large { &["mira", "felix", "fiona", "hanna"][..] } else { &["mira"][..] };
        all.iter().copied().collect()
    }
}

/// Everything that the service said it has done.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// By idempotency key.
    orders: BTreeMap<String, Taken>,
    /// Number of the order and person, with how often the decision was answered well.
    decisions: BTreeMap<(String, String), u32>,
    /// Requests that got no answer and were sent again.
    unanswered: u64,
}

impl Ledger {
    /// Keeps a 201. False if the same key was answered otherwise before.
    pub(super) fn took(&mut self, key: &str, order: Taken) -> bool {
        let before = self.orders.insert(key.to_owned(), order.clone());
        before.is_none_or(|before| before == order)
    }

    /// Keeps a decision that was answered with 303 or 200, or that a page told of.
    pub(super) fn decided(&mut self, number: &str, person: &str) {
        *self.decisions.entry((number.to_owned(), person.to_owned())).or_default() += 1;
    }

    pub(super) fn no_answer(&mut self) {
        self.unanswered += 1;
    }

    /// By order number.
    pub(super) fn orders(&self) -> BTreeMap<String, Taken> {
        self.orders.values().map(|order| (order.number.clone(), order.clone())).collect()
    }

    /// How many keys were answered. Two keys with one number would be one less in [`Self::orders`].
    pub(super) fn keys(&self) -> usize {
        self.orders.len()
    }

    /// Who was told that the decision on this order is recorded.
    pub(super) fn deciders(&self, number: &str) -> BTreeSet<String> {
        let of_order = self.decisions.keys().filter(|(decided, _)| decided == number);
        of_order.map(|(_, person)| person.clone()).collect()
    }

    pub(super) fn instance(&self, number: &str) -> Option<String> {
        self.orders.values().find(|order| order.number == number).map(|order| order.instance.clone())
    }

    pub(super) fn summary(&self) -> String {
        let large = self.orders.values().filter(|order| order.is_large).count();
        let again = self.decisions.values().filter(|times| **times > 1).count();
        format!(
            "{} orders ({large} of them large), {} decisions ({again} of them made more than once), {} requests without an answer",
            self.orders.len(),
            self.decisions.len(),
            self.unanswered,
        )
    }
}
