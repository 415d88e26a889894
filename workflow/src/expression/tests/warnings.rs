use super::*;

fn warnings(source: &str) -> Vec<String> {
    Expression::parse(source).unwrap().warnings()
}

#[test]
fn floating_point_on_amounts_is_warned_of_with_the_remedy() {
    for (source, remedy) in [
        ("$states.input.order.total < 100", "write $dec_lt($states.input.order.total, \"100\")"),
        ("$base <= $limits.managerOnly", "write $dec_lte($base, $limits.managerOnly)"),
        ("100 > $po.amount", "write $dec_gt(\"100\", $po.amount)"),
        ("$limit >= 5", "write $dec_gte($limit, \"5\")"),
        ("$x.price = 5", "write $dec_eq($x.price, \"5\")"),
        ("$x.price != $y.price", "write $not($dec_eq($x.price, $y.price))"),
        ("$x.net + $x.tax", "write $dec_add($x.net, $x.tax)"),
        ("$x.gross - 1", "write $dec_sub($x.gross, \"1\")"),
        ("$po.lines.(price * qty)", "write $dec_mul(price, qty)"),
        ("$po.lines[0].price * 2", "write $dec_mul(..., \"2\")"),
        ("$sum($po.lines.price)", "write $dec_sum($po.lines.price)"),
        ("$x.lineTotals > 1", "the amount `lineTotals`"),
        ("$x.unit_price > 1", "the amount `unit_price`"),
        ("$x.SUBTOTAL > 1", "the amount `SUBTOTAL`"),
        ("$x.taxes > 1", "the amount `taxes`"),
        ("-$x.amount < 1", "the amount `amount`"),
        ("$x.total = '5'", "write $dec_eq($x.total, \"5\")"),
    ] {
        let found = warnings(source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(found[0].contains(remedy), "{source}: {}", found[0]);
    }
}

#[test]
fn what_is_no_amount_is_not_warned_of() {
    for source in [
        "$count > 1",
        "$x.quantity * 2",
        "$x.database < 1",
        "$x.basement = 1",
        "$x.totality < 1",
        "$x.total = null",
        "$x.total = ''",
        "$x.tax = true",
        "$x.total & ''",
        "$dec_lt($x.total, $y.limit)",
        "$sum($x.qty)",
        "$states.input.type = 'Public'",
        "$po.lines[qty > 1].price",
    ] {
        assert_eq!(warnings(source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn functions_and_names_that_do_not_exist_are_warned_of() {
    for (source, part) in [
        ("$randomSeeded(1)", "there is no function `$randomSeeded`"),
        ("$decLt('1', '2')", "there is no function `$decLt`"),
        ("order.id", "`order` means nothing at the top level"),
        ("$", "`$` means nothing at the top level"),
        ("$$.a", "`$$` means nothing at the top level"),
        ("$count(lines)", "`lines` means nothing at the top level"),
    ] {
        let found = warnings(source);
        assert!(found.len() == 1 && found[0].contains(part), "{source}: {found:?}");
    }
    for source in
        ["($f := function($x) { $x }; $f(1))", "$n.(qty + $)", "$n[qty = 1]", "$map($n, function($v, $i) { $v })"]
    {
        assert_eq!(warnings(source), Vec::<String>::new(), "{source}");
    }
}
