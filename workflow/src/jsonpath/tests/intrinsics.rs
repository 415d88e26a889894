use super::*;

#[test]
fn arrays() {
    for (call, expected) in [
        ("States.Array()", "[]"),
        ("States.Array($.order.id, 1, 'a', true, null, 1.50)", "[\"po-7\",1,\"a\",true,null,1.5]"),
        ("States.Array($.order.total)", "[12345678901234567890]"),
        ("States.ArrayPartition($.n, 4)", "[[0,1,2,3],[4,5]]"),
        ("States.ArrayPartition($.n, 1.6)", "[[0,1],[2,3],[4,5]]"),
        ("States.ArrayPartition($.n, 9)", "[[0,1,2,3,4,5]]"),
        ("States.ArrayPartition($.empty, 3)", "[]"),
        ("States.ArrayContains($.n, 5)", "true"),
        ("States.ArrayContains($.n, 5.0)", "true"),
        ("States.ArrayContains($.n, '5')", "false"),
        ("States.ArrayContains($.n, null)", "false"),
        ("States.ArrayContains($.empty, $.empty)", "false"),
        ("States.ArrayContains($.grid, States.Array(1, 2))", "true"),
        ("States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]"),
        ("States.ArrayRange(1, 10, 2)", "[1,3,5,7,9]"),
        ("States.ArrayRange(0, 0, 5)", "[0]"),
        ("States.ArrayRange(3, 1, 1)", "[]"),
        ("States.ArrayRange(3, 1, -1)", "[3,2,1]"),
        ("States.ArrayRange(1, 3, -1)", "[]"),
        ("States.ArrayRange(0.5, 2.4, 1)", "[1,2]"),
        ("States.ArrayLength(States.ArrayRange(1, 1000, 1))", "1000"),
        ("States.ArrayGetItem($.n, 5)", "5"),
        ("States.ArrayGetItem($.lines[*].sku, 1)", "\"b\""),
        ("States.ArrayLength($.n)", "6"),
        ("States.ArrayLength($.empty)", "0"),
        ("States.ArrayLength($.lines[?(@.price > 10)])", "2"),
        (
            "States.ArrayUnique(States.Array(1, 1.0, '1', null, null, $.empty, $.empty, true, $.order, $.order.id, 'po-7'))",
            &format!("[1,\"1\",null,[],true,{},\"po-7\"]", document()["order"]),
        ),
    ] {
        gives(call, expected);
    }
}

#[test]
fn arrays_refuse_what_they_cannot_do() {
    for (call, expected) in [
        (
            "States.ArrayPartition($.n, 0)",
            "The second argument of States.ArrayPartition must be a whole number above 0",
        ),
        ("States.ArrayPartition($.n, -1)", "must be a whole number above 0, but it is a number: -1."),
        ("States.ArrayPartition($.order, 2)", "The first argument of States.ArrayPartition must be an array"),
        ("States.ArrayPartition($.n, '2')", "must be a whole number of at most 64 bits, but it is a string: \"2\"."),
        ("States.ArrayContains('a', 'a')", "must be an array, but it is a string: \"a\"."),
        ("States.ArrayRange(1, 9, 0)", "The third argument of States.ArrayRange must be a whole number other than 0"),
        ("States.ArrayRange(0, 1000, 1)", "must not be more than 1000 items away from the first"),
        ("States.ArrayRange(-9223372036854775808, 9223372036854775807, 1)", "1000 items"),
        ("States.ArrayRange(9223372036854775807, -9223372036854775808, -1)", "1000 items"),
        ("States.ArrayRange(1, null, 1)", "but it is null."),
        ("States.ArrayGetItem($.n, 6)", "The second argument of States.ArrayGetItem is 6, but the array has 6 items."),
        ("States.ArrayGetItem($.n, -1)", "is -1, but the array has 6 items."),
        ("States.ArrayLength('abc')", "must be an array"),
        ("States.ArrayUnique($.order)", "must be an array"),
    ] {
        fails(call, expected);
        fails(call, "States.IntrinsicFailure");
    }
}

#[test]
fn formatting() {
    for (call, expected) in [
        ("States.Format('plain')", "\"plain\""),
        ("States.Format('{} of {}', 1, $.n[5])", "\"1 of 5\""),
        ("States.Format('{}{}{}{}', 'a', null, true, 1.5)", "\"anulltrue1.5\""),
        ("States.Format('{}', $.order.total)", "\"12345678901234567890\""),
        ("States.Format('{}', '')", "\"\""),
        ("States.Format('{}', $.lines[0])", "\"{sku=a, price=10, tags=[x, y]}\""),
        ("States.Format('{}', $.grid)", "\"[[1, 2], [3, [4]]]\""),
        (r"States.Format('\{{}\} \{\} it\'s \\{}', 1, 2)", r#""{1} {} it's \\2""#),
        ("States.Format('{ } {x} } {{}', 1)", "\"{ } {x} } {1\""),
        (r"States.Format('a\nb')", r#""a\\nb""#),
        ("States.Format('{}', '{}')", "\"{}\""),
        ("States.Format($.order.id)", "\"po-7\""),
        ("States.Format( '{}' , $.order.id )", "\"po-7\""),
        ("States.Format('{}', States.Format('({})', $limit))", "\"(20)\""),
    ] {
        gives(call, expected);
    }
    let template = json!({"t": "Hello {} and \\{\\} and {}"});
    assert_eq!(eval_on(&template, "States.Format($.t, 'x', 'y')"), Ok(json!("Hello x and {} and y")));
    let problem = eval_on(&template, "States.Format($.t, 'x')").unwrap_err();
    assert_eq!(
        problem.cause,
        "The function 'States.Format($.t, 'x')' had the following error: \
         The first argument of States.Format has 2 times {}, but the number of arguments for it is 1."
    );
    fails("States.Format(1)", "The first argument of States.Format must be a string, but it is a number: 1.");
}

#[test]
fn json_and_text() {
    for (call, expected) in [
        (r#"States.StringToJson('{"a": [1, 1.10, null]}')"#, "{\"a\":[1,1.1,null]}"),
        ("States.StringToJson('')", "null"),
        ("States.StringToJson(' ')", "null"),
        ("States.StringToJson('null')", "null"),
        ("States.StringToJson('12345678901234567890')", "12345678901234567890"),
        ("States.StringToJson('\"HelloWorld\"')", "\"HelloWorld\""),
        ("States.JsonToString($.grid)", "\"[[1,2],[3,[4]]]\""),
        ("States.JsonToString($.lines[0])", r#""{\"sku\":\"a\",\"price\":10,\"tags\":[\"x\",\"y\"]}""#),
        ("States.JsonToString($.order.total)", "\"12345678901234567890\""),
        ("States.JsonToString('a')", r#""\"a\"""#),
        ("States.JsonToString(null)", "\"null\""),
        (
            "States.JsonMerge($.order['id','note'], $.lines[0], false)",
            r#"{"id":"po-7","note":null,"sku":"a","price":10,"tags":["x","y"]}"#,
        ),
        (
            r#"States.JsonMerge(States.StringToJson('{"a":{"x":1},"b":1}'), States.StringToJson('{"a":{"y":2}}'), false)"#,
            "{\"a\":{\"y\":2},\"b\":1}",
        ),
        ("States.StringSplit('1,2,3', ',')", "[\"1\",\"2\",\"3\"]"),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", "[\"This\",\"is\",\"a\",\"test\",\"string\"]"),
        ("States.StringSplit(' , ', ',')", "[\" \",\" \"]"),
        ("States.StringSplit(', , ,', ',')", "[\" \",\" \"]"),
        ("States.StringSplit(',,,,', ',')", "[]"),
        ("States.StringSplit('', ',')", "[]"),
        ("States.StringSplit('abc', '')", "[\"abc\"]"),
        ("States.StringSplit('Hello\nWorld', '\n')", "[\"Hello\",\"World\"]"),
        ("States.StringSplit('aäbäc', 'ä')", "[\"a\",\"b\",\"c\"]"),
    ] {
        gives(call, expected);
    }
    for (call, expected) in [
        ("States.StringToJson('{')", "is not JSON: EOF while parsing"),
        ("States.StringToJson('HelloWorld')", "is not JSON"),
        ("States.StringToJson('1e999')", "is not JSON"),
        ("States.StringToJson(1)", "must be a string"),
        ("States.JsonMerge($.order, $.n, false)", "The second argument of States.JsonMerge must be an object"),
        ("States.JsonMerge($.order, $.order, true)", "must be false, because objects within objects are not merged"),
        ("States.StringSplit(1, ',')", "The first argument of States.StringSplit must be a string"),
        ("States.StringSplit('a', 1)", "The second argument"),
    ] {
        fails(call, expected);
        fails(call, "States.IntrinsicFailure");
    }
}

#[test]
fn data() {
    for (call, expected) in [
        ("States.Base64Encode('Data to encode')", "\"RGF0YSB0byBlbmNvZGU=\""),
        ("States.Base64Encode('')", "\"\""),
        ("States.Base64Encode('ä')", "\"w6Q=\""),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "\"Data to encode\""),
        ("States.Base64Decode('RGF0YSB0byBl\r\nbmNvZGU')", "\"Data to encode\""),
        ("States.Base64Decode('')", "\"\""),
        ("States.Hash('input data', 'MD5')", "\"812f45842bc6d66ee14572ce20db8e86\""),
        ("States.Hash('input data', 'SHA-1')", "\"aaff4a450a104cd177d28d18d74485e8cae074b7\""),
        (
            "States.Hash('input data', 'SHA-256')",
            "\"b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3\"",
        ),
    ] {
        gives(call, expected);
    }
    assert_eq!(eval("States.Hash($.grid, 'MD5')"), eval("States.Hash('[[1,2],[3,[4]]]', 'MD5')"));
    for (call, expected) in [
        ("States.Base64Decode('?')", "must be text in Base64"),
        ("States.Base64Decode('/w==')", "must be Base64 of a text in UTF-8"),
        ("States.Base64Encode(1)", "must be a string"),
        (
            "States.Hash('a', 'SHA-3')",
            "must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512, but it is a string: \"SHA-3\".",
        ),
        ("States.Hash('a', 'md5')", "must be MD5"),
        ("States.Hash(null, 'MD5')", "must be a string, but it is null."),
    ] {
        fails(call, expected);
    }
    let long = json!({"fits": "ä".repeat(10_000), "long": "ä".repeat(10_001)});
    for function in ["States.Base64Encode($.T)", "States.Hash($.T, 'MD5')"] {
        assert!(eval_on(&long, &function.replace('T', "fits")).is_ok());
        let problem = eval_on(&long, &function.replace('T', "long")).unwrap_err();
        assert!(problem.cause.contains("must not be longer than 10000 characters"), "{problem}");
    }
}

#[test]
fn sums() {
    for (call, expected) in [
        ("States.MathAdd(111, -1)", "110"),
        ("States.MathAdd(1.5, 1.51)", "4"),
        ("States.MathAdd(-1.5, -1.51)", "-3"),
        ("States.MathAdd(-0.5, 0)", "0"),
        ("States.MathAdd(2147483647, 2147483647)", "4294967294"),
        ("States.MathAdd(-2147483648, -2147483648)", "-4294967296"),
    ] {
        gives(call, expected);
    }
    fails("States.MathAdd(2147483648, 0)", "must be a whole number from -2147483648 to 2147483647");
    fails("States.MathAdd(0, $.order.total)", "must be a whole number of at most 64 bits");
    fails("States.MathAdd('1', 1)", "must be a whole number");
}

#[test]
fn chance_comes_from_the_moment() {
    let twice = |source: &str| (eval(source).unwrap(), eval(source).unwrap());
    let (first, again) = twice("States.UUID()");
    assert_eq!(first, again);
    let text = first.as_str().unwrap();
    assert_eq!((text.len(), &text[14..15]), (36, "4"));
    assert!(["8", "9", "a", "b"].contains(&&text[19..20]), "{text}");
    let two = eval("States.Array(States.UUID(), States.UUID())").unwrap();
    assert_ne!(two[0], two[1]);

    let (first, again) = twice("States.MathRandom(1, 999)");
    assert_eq!(first, again);
    assert!((1..999).contains(&first.as_i64().unwrap()));
    gives("States.MathRandom(-3, -2)", "-3");
    let seeded = eval("States.Array(States.MathRandom(0, 1000000, 5), States.MathRandom(0, 1000000, 5))").unwrap();
    assert_eq!(seeded[0], seeded[1]);
    let all = eval("States.MathRandom(-9223372036854775808, 9223372036854775807)").unwrap();
    assert!(all.is_i64());
    fails("States.MathRandom(5, 5)", "The second argument of States.MathRandom must be above the first");
    fails("States.MathRandom(1, 'a')", "must be a whole number");
}

#[test]
fn an_argument_that_is_not_there_fails_as_a_path() {
    let problem = eval_on(&json!({"other": 1}), "States.Array(States.Format('{}', $.nope))").unwrap_err();
    assert_eq!(problem.error, "States.Runtime");
    assert_eq!(
        problem.cause,
        "The function 'States.Array(States.Format('{}', $.nope))' had the following error: \
         The JSONPath argument '$.nope' could not be found in the input '{\"other\":1}'."
    );
}

#[test]
fn what_is_no_call_is_refused_with_its_place() {
    for (call, expected) in [
        ("States.Fromat('a')", "States.Fromat is not an intrinsic function: perhaps Format is meant"),
        ("States.Frobnicate()", "use one of: Array, ArrayContains,"),
        ("States.Format", "'(' is missing at the end"),
        ("States.Format('a'", "',' or ')' is expected at the end"),
        ("States.Format('a' 'b')", "',' or ')' is expected at character 19"),
        ("States.Format('a)", "the text that opens is never closed at character 15"),
        ("States.Format('a',)", "a path, a text in single quotes, a number, true, false, null or a call is expected"),
        ("States.Format(\"a\")", "a text in single quotes"),
        ("States.Format('a') x", "something follows the call at character 20"),
        ("States.Format('{}')", "the template has 1 times {}, but the number of arguments for it is 0, at the end"),
        ("States.Format('a', 1)", "the template has 0 times {}, but the number of arguments for it is 1, at the end"),
        ("States.UUID(1)", "the number of arguments of States.UUID must be 0, but it is 1, at the end"),
        ("States.MathRandom(1)", "the number of arguments of States.MathRandom must be 2 to 3, but it is 1,"),
        ("States.Format()", "the number of arguments of States.Format must be 1 or more, but it is 0,"),
        ("States.ArrayLength($.a, $.b)", "the number of arguments of States.ArrayLength must be 1, but it is 2,"),
        ("States.Array(1-2)", "a number cannot be read at character 14"),
        ("States.Array($.a b)", "',' or ')' is expected at character 18"),
        ("States.Array($.a[)", "a whole number is missing"),
        ("States.Array(nothing)", "a path, a text in single quotes"),
    ] {
        fails(call, expected);
        fails(call, "unreadable");
    }
    let nested = |times: usize| format!("{}{}", "States.Array(".repeat(times), ")".repeat(times));
    gives(&nested(10), "[[[[[[[[[[]]]]]]]]]]");
    fails(&nested(11), "calls are nested more than 10 levels deep");
}
