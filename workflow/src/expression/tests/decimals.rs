use super::*;

#[test]
fn decimal_functions_are_exact() {
    for (source, expected) in [
        ("$dec('1.10')", "\"1.1\""),
        ("$dec('100')", "\"100\""),
        ("$dec('-0.00')", "\"0\""),
        ("$dec(5)", "\"5\""),
        ("$dec('0001.50')", "\"1.5\""),
        ("$dec_add('0.1', '0.2')", "\"0.3\""),
        ("$dec_add('1.10', '2.2')", "\"3.30\""),
        ("$dec_add('0', '1.10')", "\"1.10\""),
        ("$dec_add('0.00', '1')", "\"1.00\""),
        ("$dec_add(1, 2)", "\"3\""),
        ("$dec_sub('1', '1.00')", "\"0.00\""),
        ("$dec_sub('0', '0.5')", "\"-0.5\""),
        ("$dec_mul('1.15', '3')", "\"3.45\""),
        ("$dec_mul('-0.5', '0.5')", "\"-0.25\""),
        ("$dec_mul('0', '99999999999999999999999999.99')", "\"0\""),
        ("$dec_sum(['1.10', '2.2', 3])", "\"6.30\""),
        ("$dec_sum([])", "\"0\""),
        ("$dec_sum('4.5')", "\"4.5\""),
        ("$dec_sum($po.lines.price)", "\"3.30\""),
        ("$dec_sum($po.lines.$dec_mul(price, qty))", "\"8.80\""),
        ("$dec_add('12345678901234567890.12', '0.01')", "\"12345678901234567890.13\""),
        ("$dec_cmp('1', '2')", "-1"),
        ("$dec_cmp('1.0', '1')", "0"),
        ("$dec_cmp('10', '9')", "1"),
        ("$dec_lt('9.99', '10')", "true"),
        ("$dec_lt('10', '10.00')", "false"),
        ("$dec_lte('10', '10.00')", "true"),
        ("$dec_gt('10.01', '10')", "true"),
        ("$dec_gte('10', '10.01')", "false"),
        ("$dec_eq('1.10', '1.1')", "true"),
        ("$dec_eq('1.10', '1.11')", "false"),
        ("$dec_lt($base, $limits.managerOnly)", "true"),
        ("$dec_round('2.345', 2)", "\"2.35\""),
        ("$dec_round('-2.345', 2)", "\"-2.35\""),
        ("$dec_round('2.5', 0)", "\"3\""),
        ("$dec_round('2.344', 2)", "\"2.34\""),
        ("$dec_round('2', 2)", "\"2.00\""),
        ("$dec_round('-0.001', 2)", "\"0.00\""),
        ("$map(['1.50', '2.0'], $dec)", "[\"1.5\", \"2\"]"),
        ("'1.5' ~> $dec_add('1')", "\"2.5\""),
    ] {
        gives(source, expected);
    }
    gives_nothing("$dec_sum($nope)");
}

#[test]
fn what_is_not_an_exact_amount_is_refused_with_the_remedy() {
    for (source, part) in [
        (
            "$dec_lt(0.1, '1')",
            "first argument of $dec_lt is a JSON number with a fraction, which is not exact: write it as a string",
        ),
        ("$dec_add('1', $states.input.ratio)", "second argument of $dec_add is a JSON number with a fraction"),
        ("$dec($states.input.total)", "of more than 15 digits, which is not exact: write it as a string"),
        ("$dec('1e5')", "must be a decimal number such as \"1250.00\", and this string is not"),
        ("$dec('')", "this string is not"),
        ("$dec('1,000')", "this string is not"),
        ("$dec('1_000')", "this string is not"),
        ("$dec('+1')", "this string is not"),
        ("$dec('.5')", "this string is not"),
        ("$dec('5.')", "this string is not"),
        ("$dec(' 5')", "this string is not"),
        ("$dec('٣')", "this string is not"),
        ("$dec(null)", "or a whole number, but it is null"),
        ("$dec($nope)", "but it is nothing (undefined)"),
        ("$dec_lt('1')", "second argument of $dec_lt must be a decimal number in a string"),
        ("$dec(['1', '2'])", "but it is an array"),
        ("$dec('123456789012345678901234567890')", "has more than 28 digits"),
        ("$dec('0.12345678901234567890123456789012')", "has more than 28 digits"),
        ("$dec_add('79228162514264337593543950335', '1')", "the result has more than 28 digits"),
        ("$dec_mul('1000000000000000', '1000000000000000')", "the result has more than 28 digits"),
        ("$dec_mul('0.000000000000001', '0.000000000000001')", "the result has more than 28 digits"),
        ("$dec_sum(['1', 'x'])", "item 1 of the array of $dec_sum must be a decimal number"),
        ("$dec_round('1', 29)", "second argument of $dec_round must be a whole number from 0 to 28"),
        ("$dec_round('1')", "must be a whole number from 0 to 28"),
        ("$dec_round('1', 0.5)", "must be a whole number from 0 to 28"),
    ] {
        fails(source, part);
    }
}
