//! "Did you mean": the known name that a misspelt one stands for.

/// The known name that differs least: in case only, or by at most two letters.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    const LONGEST: usize = 40;
    if name.len() > LONGEST {
        return None;
    }
    let near = known.map(|known| (distance(&name.to_lowercase(), &known.to_lowercase()), known));
    near.filter(|(distance, _)| *distance <= 2).min_by_key(|(distance, _)| *distance).map(|(_, near)| near)
}

/// What to write instead, as a clause: the nearest name, or all of them where none is near.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("perhaps {near} is meant"),
        None => format!("use one of: {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// The least number of letters to change, add or remove.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in left.chars().enumerate() {
        let mut next = vec![done + 1];
        for ((other, above), diagonal) in right.iter().zip(row.iter().skip(1)).zip(&row) {
            let before = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(letter != *other)).min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_and_another_word_does_not() {
        let known = ["StringEquals", "NumericEquals", "And", "Not"];
        for (name, expected) in [
            ("StringEqual", Some("StringEquals")),
            ("stringequals", Some("StringEquals")),
            ("NumericalEquals", Some("NumericEquals")),
            ("AND", Some("And")),
            ("Frobnicate", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
        assert_eq!(suggestion("zzzzzz", ["a", "b"].into_iter()), "use one of: a, b");
    }
}
