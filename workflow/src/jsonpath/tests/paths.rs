use super::*;

#[test]
fn a_path_to_one_place_gives_what_is_there() {
    for (path, expected) in [
        ("$.order.id", "\"po-7\""),
        ("$.order.total", "12345678901234567890"),
        ("$.order.ratio", "1.1"),
        ("$.order.note", "null"),
        ("$['order']['id']", "\"po-7\""),
        ("$[\"order\"].id", "\"po-7\""),
        ("$.['order'].id", "\"po-7\""),
        ("$[ 'order' ].id", "\"po-7\""),
        ("$.lines[1].price", "20.5"),
        ("$.lines[-1].sku", "\"c\""),
        ("$.grid[1][1][0]", "4"),
        ("$.delivery-partner", "\"UQS\""),
        (r"$['it\'s']", "1"),
        ("$['a.b']", "2"),
        ("$.empty", "[]"),
        ("$$.Execution.Id", "\"e-1\""),
        ("$$", "{\"Execution\":{\"Id\":\"e-1\",\"Name\":\"run-one\"},\"State\":{\"Name\":\"Here\"}}"),
        ("$limit", "20"),
        ("$po.tags[0]", "\"q\""),
        ("$po['id']", "3"),
        ("$äöü_1", "\"umlaut\""),
    ] {
        gives(path, expected);
    }
    gives("$", &document().to_string());
}

#[test]
fn any_other_path_gives_a_list() {
    for (path, expected) in [
        ("$.lines[*].sku", "[\"a\",\"b\",\"c\"]"),
        ("$.lines.*.sku", "[\"a\",\"b\",\"c\"]"),
        ("$.n[1:3]", "[1,2]"),
        ("$.n[1:]", "[1,2,3,4,5]"),
        ("$.n[:1]", "[0]"),
        ("$.n[-2:]", "[4,5]"),
        ("$.n[:-4]", "[0,1]"),
        ("$.n[::2]", "[0,2,4]"),
        ("$.n[ 1 : 5 : 3 ]", "[1,4]"),
        ("$.n[4:2]", "[]"),
        ("$.n[-100:100]", "[0,1,2,3,4,5]"),
        ("$.n[0,2,-1,99]", "[0,2,5]"),
        ("$.grid[*][*]", "[1,2,3,[4]]"),
        ("$..sku", "[\"a\",\"b\",\"c\"]"),
        ("$..['sku','ok']", "[\"a\",\"b\",\"c\",true]"),
        ("$.order.*", "[\"po-7\",12345678901234567890,1.1,null]"),
        ("$.grid..[0]", "[[1,2],1,3,4]"),
        ("$.lines[*].nothing", "[]"),
        ("$.nothing[*]", "[]"),
        ("$.nothing[1:].x", "[]"),
        ("$.nothing..x", "[]"),
        ("$.order[*].x", "[]"),
        ("$$.*.Name", "[\"run-one\",\"Here\"]"),
    ] {
        gives(path, expected);
    }
    assert_eq!(eval("$..*").unwrap().as_array().unwrap().len(), 40);
}

#[test]
fn names_in_one_bracket_at_the_end_give_an_object() {
    gives("$.order['id','note','absent']", "{\"id\":\"po-7\",\"note\":null}");
    gives("$.lines[*]['sku', \"ok\"]", "[{\"sku\":\"a\"},{\"sku\":\"b\"},{\"sku\":\"c\",\"ok\":true}]");
    gives("$['order', 'grid'].id", "[\"po-7\"]");
    fails("$.n['a','b']", "States.Runtime");
}

#[test]
fn a_filter_keeps_the_items_that_pass() {
    for (filter, expected) in [
        ("@.price > 10", "[\"b\",\"c\"]"),
        ("@.price >= 10", "[\"a\",\"b\",\"c\"]"),
        ("@.price<20.5", "[\"a\"]"),
        ("@.price <= 20.5", "[\"a\",\"b\"]"),
        ("@.sku == 'b'", "[\"b\"]"),
        ("@.sku == \"b\"", "[\"b\"]"),
        ("'b' == @.sku", "[\"b\"]"),
        ("@['sku'] != 'b'", "[\"a\",\"c\"]"),
        ("@.sku > 'a'", "[\"b\",\"c\"]"),
        ("@.ok", "[\"c\"]"),
        ("!@.ok", "[\"a\",\"b\"]"),
        ("!(@.ok || @.sku == 'a')", "[\"b\"]"),
        ("@.ok == true", "[\"c\"]"),
        ("@.ok != true", "[\"a\",\"b\"]"),
        ("@.nothing == null", "[]"),
        ("@.price > 10 && @.sku != 'c'", "[\"b\"]"),
        ("@.sku == 'a' || @.sku == 'b' && @.price > 100", "[\"a\"]"),
        ("(@.sku == 'a' || @.sku == 'b') && @.price > 10", "[\"b\"]"),
        ("@.price > $.limit", "[\"b\",\"c\"]"),
        ("@.price > $limit", "[\"b\",\"c\"]"),
        ("@.price == 10.0", "[\"a\"]"),
        ("@.price == '10'", "[]"),
        ("@.sku > 1", "[]"),
        ("@.tags[?(@ == 'y')]", "[\"a\"]"),
        ("@.tags[0] == 'x'", "[\"a\"]"),
        ("@.tags[*]", "[\"a\"]"),
        ("@.tags == $.empty", "[\"b\"]"),
        ("@.sku in ['a', 'c', 7]", "[\"a\",\"c\"]"),
        ("@.sku in[]", "[]"),
        ("@.sku =~ /[a-b]/", "[\"a\",\"b\"]"),
        ("@.sku =~ /[A-B]/i", "[\"a\",\"b\"]"),
        ("@.price =~ /2.*/", "[\"b\"]"),
        ("@.sku =~ /\\/|c/", "[\"c\"]"),
        ("@.price > -1e2", "[\"a\",\"b\",\"c\"]"),
    ] {
        gives(&format!("$.lines[?({filter})].sku"), expected);
    }
    gives("$.lines[?@.price > 25].sku", "[\"c\"]");
    gives("$.n[?(@ > 3)]", "[4,5]");
    gives("$..[?(@.price > 25)].sku", "[\"c\"]");
    gives("$.order[?(@.id)].id", "[\"po-7\"]");
    gives("$.order[?(@.absent)]", "[]");
}

#[test]
fn a_path_that_leads_nowhere_says_where() {
    let cause = |path| eval(path).unwrap_err();
    let problem = eval_on(&json!({"int-literal": 0}), "$.no_such").unwrap_err();
    assert_eq!(problem.error, "States.Runtime");
    assert_eq!(problem.cause, "The JSONPath '$.no_such' could not be found in the input '{\"int-literal\":0}'.");
    for path in ["$.order.x", "$.order.id.x", "$.n.x", "$.n[6]", "$.n[-7]", "$.order[0]", "$.lines[0]['x']"] {
        assert_eq!(cause(path).error, "States.Runtime", "{path}");
    }
    assert_eq!(cause("$$.X").cause, "The JSONPath '$$.X' could not be found in the context object.");
    assert_eq!(cause("$po.x").cause, "The JSONPath '$po.x' could not be found in the variable $po.");
    assert_eq!(
        cause("$gone.x").cause,
        "The JSONPath '$gone.x' could not be found: the variable $gone is not assigned before this state."
    );
}

#[test]
fn what_is_no_path_is_refused_with_its_place() {
    for (path, expected) in [
        ("$.", "a name is missing; write one, or ['name'] if it has other signs than letters, at the end"),
        ("$.a b", "'.', '[' or the end is expected; write names with other signs as ['name']; at character 4"),
        ("$..", "a name is missing"),
        ("$[", "a whole number is missing or too large at the end"),
        ("$[]", "a whole number is missing or too large at character 3"),
        ("$['a'", "']' is missing at the end"),
        ("$['a]", "the text that opens is never closed at character 3"),
        ("$['a', 1]", "a name in quotes is missing at character 8"),
        ("$[1, 'a']", "a whole number is missing"),
        ("$[1:2:0]", "the step of a slice must be above 0"),
        ("$[1:2:-1]", "the step of a slice must be above 0"),
        ("$[99999999999999999999]", "a whole number is missing or too large at character 3"),
        ("$.a.length()", "functions of a path are not available; call an intrinsic function"),
        ("$.a[?(@.x > )]", "a path (@...), a text in quotes, a number, true, false or null is expected"),
        ("$.a[?('x')]", "a comparison is missing (==, !=, <, <=, >, >=, =~ or in)"),
        ("$.a[?(@.x = 1)]", "')' is missing at character 11"),
        ("$.a[?(@.x == 1]", "')' is missing at character 15"),
        ("$.a[?(@.x =~ /(/)]", "is not a regular expression"),
        ("$.a[?(@.x =~ /a)]", "the regular expression is never closed"),
        ("$.a[?(@.x in [1)]", "',' is missing"),
        ("$$x", "'.', '[' or the end"),
        ("$1", "'.', '[' or the end"),
    ] {
        let problem = Path::parse(path).unwrap_err().to_string();
        assert!(problem.starts_with("The path '"), "{problem}");
        assert!(problem.contains(expected), "{path}: {problem}");
    }
    for path in ["", "a", "@.a", "order.id", " $"] {
        assert!(Path::parse(path).unwrap_err().to_string().contains("a path starts with $"), "{path}");
    }
    fails("order.id", "it starts neither with $ nor with States.");
}

#[test]
fn a_path_knows_its_variables() {
    let path = Path::parse("$po.lines[?(@.price > $limit && !($a.x == @ || $$.b))].x").unwrap();
    assert_eq!(path.variables(), ["po", "limit", "a"]);
    assert_eq!(path.source(), "$po.lines[?(@.price > $limit && !($a.x == @ || $$.b))].x");
    assert_eq!(Path::parse("$.po").unwrap().variables(), [""; 0]);
}

#[test]
fn a_backslash_in_a_name_stays_unless_it_escapes() {
    let document = json!({"Test\\\"\"Name\"": "found", "a\\": 1});
    assert_eq!(eval_on(&document, r#"$['Test\""Name"']"#), Ok(json!("found")));
    assert_eq!(eval_on(&document, r"$['a\\']"), Ok(json!(1)));
}
