//! "Did you mean": the known name that a misspelt one stands for.

/// The known name that differs least: in case only, or by at most two letters.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    const LONGEST: usize = 80;
    let wanted = name.trim();
    if let Some(same) = known.clone().find(|known| known.eq_ignore_ascii_case(wanted)) {
        return Some(same);
    }
    let letters = wanted.chars().count();
    let most = match letters {
        0..=2 => 0,
        3 => 1,
        4..=LONGEST => 2,
        _ => 0,
    };
    let wanted = wanted.to_lowercase();
    let near = known.map(|known| (distance(&wanted, &known.to_lowercase(), most), known));
    near.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, near)| near)
}

/// What to write instead, as a clause: the nearest name, or all of them where none is near.
pub(crate) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("perhaps {near} is meant"),
        None => format!("use one of: {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// The least number of letters to change, add or remove; more than `most` is not told apart.
fn distance(left: &str, right: &str, most: usize) -> usize {
    let right: Vec<char> = right.chars().collect();
    let left: Vec<char> = left.chars().collect();
    if left.len().abs_diff(right.len()) > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in left.iter().enumerate() {
        let mut next = vec![done + 1];
        for ((other, above), diagonal) in right.iter().zip(row.iter().skip(1)).zip(&row) {
            let before = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(other != letter)).min(above + 1).min(before + 1));
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
        let known = ["requester", "limits", "po", "AmountGate", "NumericEquals", "And"];
        let near = |name| nearest(name, known.iter().copied());
        for (name, expected) in [
            ("requestor", Some("requester")),
            ("limit", Some("limits")),
            ("amountgate", Some("AmountGate")),
            (" AmountGate", Some("AmountGate")),
            ("AmuontGate", Some("AmountGate")),
            ("AmountGtae", Some("AmountGate")),
            ("amontgate", Some("AmountGate")),
            ("NumericalEquals", Some("NumericEquals")),
            ("AND", Some("And")),
            ("Frobnicate", None),
            ("total", None),
            ("px", None),
            ("", None),
        ] {
            assert_eq!(near(name), expected, "{name}");
        }
    }

    #[test]
    fn where_no_name_is_near_all_are_told() {
        assert_eq!(suggestion("limit", ["po", "limits"].into_iter()), "perhaps limits is meant");
        assert_eq!(suggestion("zzzzzz", ["a", "b"].into_iter()), "use one of: a, b");
    }
}
