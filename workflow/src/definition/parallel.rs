//! `Parallel`: several ways at once.

use super::fields::Fields;
use super::machine::Reading;
use super::retry::{Catcher, Retrier, catchers, retriers};
use super::shape::{Has, Language, Shape, shape};
use super::states::{Next, next};

/// Goes several ways at once.
#[derive(Debug, Clone)]
pub struct Parallel {
    /// The first state of each branch. The states themselves stand with all others in the definition.
    pub branches: Vec<String>,
    /// Its data flow.
    pub shape: Shape,
    /// Tried again as a whole on these errors.
    pub retry: Vec<Retrier>,
    /// Goes elsewhere on these errors.
    pub catch: Vec<Catcher>,
    /// Where it leads.
    pub next: Next,
}

pub(super) fn read<'a>(fields: &Fields<'a>, language: Language, reading: Reading<'a>) -> Option<Parallel> {
    fields.require("Branches");
    let listed = fields.list("Branches");
    if listed.as_ref().is_some_and(Vec::is_empty) {
        fields.wrong("Branches", "empty", "has no branch; add at least one");
    }
    let listed = listed.unwrap_or_default();
    let count = listed.len();
    let branches: Vec<String> = listed.into_iter().filter_map(|(at, branch)| reading.within(branch, at, &[])).collect();
    let shape = shape(fields, language, Has::WORKED);
    let (retry, catch) = (retriers(fields), catchers(fields, language));
    let next = next(fields)?;
    (branches.len() == count).then_some(Parallel { branches, shape, retry, catch, next })
}
