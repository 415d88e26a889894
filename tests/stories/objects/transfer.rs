//! Objects in files: out of a collection, into one, and out again.

use super::{id, make, send, trip};
use crate::support::app::token;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use store::Crash;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Sends a file; status and answer.
async fn import(app: &App, who: &str, path: &str, file: &str) -> Result<(u16, Value)> {
    app.upload(who, &format!("/outings/{path}"), file.as_bytes(), &[]).await
}

async fn export(app: &App, path: &str) -> Result<String> {
    let (status, bytes) = app.bytes("eva", &format!("/outings/{path}")).await?;
    let text = String::from_utf8(bytes)?;
    ensure!(status == 200, "{path}: {status} {text}");
    Ok(text)
}

/// `new changed same refused`
fn counts(answer: &Value) -> String {
    ["new", "changed", "same", "refused"].map(|name| answer[name].to_string()).join(" ")
}

/// What is wrong with rows: line, column, pointer, code.
fn refusals(answer: &Value) -> Vec<String> {
    let list = answer["refusals"].as_array().or_else(|| answer["errors"].as_array()).cloned().unwrap_or_default();
    let told = |refusal: &Value| {
        let text = |name: &str| refusal[name].as_str().unwrap_or_default().to_owned();
        let column = refusal["column"].as_u64().map(|column| format!(":{column}")).unwrap_or_default();
        format!("{}{column} {} {}", refusal["line"], text("pointer"), text("code"))
    };
    list.iter().map(told).collect()
}

async fn furnish(app: &App) -> Result<()> {
    let project = make(app, "ada", "projects", &json!({ "code": "=P1", "title": "One, \"two\"\nthree" })).await?;
    let mut full = trip("Oslo", "-10.50");
    full["project"] = project["id"].clone();
    full["days"] = json!(3);
    full["private"] = json!(true);
    full["limit"] = json!("900");
    full["hotel"] = json!({ "city": "", "stars": [4, null] });
    make(app, "carl", "trips", &full).await?;
    make(app, "eva", "trips", &trip("Rome", "9.50")).await?;
    make(app, "eva", "receipts", &json!({ "what": "Taxi", "projects": [id(&project)], "amounts": ["1.00"] })).await?;
    make(app, "eva", "requests", &json!({ "what": "+1 day" })).await?;
    Ok(())
}

stories! {
    /// What was exported and is imported again changes nothing, whatever the caller may not change.
    async fn a_file_that_comes_back_is_the_same(app: App) {
        furnish(app).await?;
        let before = app.dump().await?;
        for (collection, key, who) in [("projects", "code", "ada"), ("trips", "id", "eva"), ("requests", "id", "eva")] {
            for format in ["csv", "jsonl"] {
                let file = export(app, &format!("{collection}/export?format={format}")).await?;
                let (status, answer) = import(app, who, &format!("{collection}/import?format={format}&mode=upsert&key={key}"), &file).await?;
                let rows = answer["rows"].as_u64().unwrap_or_default();
                ensure!(status == 200 && rows > 0 && answer["same"] == rows && counts(&answer) == format!("0 0 {rows} 0"), "{collection} {format}: {status} {answer}\n{file}");
            }
        }
        ensure!(app.dump().await? == before);
        let file = export(app, "trips/export?format=csv&sort=to").await?;
        let head = "$id,$revision,$number,$status,$created_at,$created_by,$updated_at,to,project,days,starts_at,price,currency,total,limit,private,hotel.city,*\r\n";
        ensure!(file.starts_with(head), "{file}");
        ensure!(file.contains(",Oslo,") && file.contains(",-10.50,EUR,-31.50,900,true,\"\",\"{\"\"hotel\"\":{\"\"stars\"\":[4,null]}}\"\r\n"), "{file}");
        ensure!(export(app, "projects/export?format=csv").await?.contains(",'=P1,\"One, \"\"two\"\"\nthree\","));
        let some = export(app, "trips/export?format=csv&fields=to,hotel&filter[days]=").await?;
        ensure!(some.lines().next().is_some_and(|head| head.ends_with("$updated_at,to,hotel.city")) && some.lines().count() == 2 && some.contains(",Rome,"), "{some}");
        app.work().await
    }

    /// A preview says what would come of every row and stores nothing; then it comes like this.
    async fn a_preview_is_what_comes(app: App) {
        make(app, "ada", "projects", &json!({ "code": "AA", "title": "a" })).await?;
        make(app, "ada", "projects", &json!({ "code": "BB", "title": "b", "owner": "eva", "no": 7 })).await?;
        let before = app.dump().await?;
        let file = "\u{FEFF}code,title\r\nAA,a\r\nBB,better\r\nCC,new\r\n";
        let path = "projects/import?format=csv&mode=upsert&key=code";
        let (status, answer) = import(app, "ada", &format!("{path}&preview=true"), file).await?;
        ensure!(status == 200 && counts(&answer) == "1 1 1 0" && answer["preview"] == true, "{status} {answer}");
        ensure!(app.dump().await? == before, "a preview has stored something");
        let (status, answer) = import(app, "ada", path, file).await?;
        ensure!(status == 200 && counts(&answer) == "1 1 1 0" && answer["preview"] == false, "{status} {answer}");
        let list = send(app, "eva", "GET", "/outings/projects?filter[code]=BB", None, &[]).await?;
        let data = json!({ "code": "BB", "title": "better", "owner": "eva", "no": 7 });
        ensure!(list.body["items"][0]["data"] == data && list.body["items"][0]["revision"] == 2, "{}", list.text);
        let (_, again) = import(app, "ada", path, file).await?;
        ensure!(counts(&again) == "0 0 3 0", "{again}");
        // An empty cell takes the field away, and an older revision is told.
        let (_, answer) = import(app, "ada", path, "code,owner,no,$revision\nBB,,,1\n").await?;
        ensure!(refusals(&answer) == ["2  outdated"], "{answer}");
        let (_, answer) = import(app, "ada", path, "code,owner,no,$revision\nBB,,,2\n").await?;
        ensure!(counts(&answer) == "0 1 0 0", "{answer}");
        let list = send(app, "eva", "GET", "/outings/projects?filter[code]=BB", None, &[]).await?;
        ensure!(list.body["items"][0]["data"] == json!({ "code": "BB", "title": "better" }), "{}", list.text);
        Ok(())
    }

    /// Every row that is refused is told with its place; the others are stored only if that is wished for.
    async fn rows_that_are_refused_are_told(app: App) {
        make(app, "ada", "projects", &json!({ "code": "AA", "title": "a" })).await?;
        let before = app.dump().await?;
        let file = "code,title,no\nAA,taken,1\nBB,fine,\nBB,again,\nCC,\u{202E}bidi,2\nDD,zero,one\nEE,\n\"FF\",fine,3\nGG,n\u{0}l,\n";
        let expected = ["2:1 /code not-unique", "4:1 /code not-unique", "5:2 /title direction-override", "6:3 /no schema", "7  cells", "9:2 /title control-character"];
        for path in ["projects/import?format=csv", "projects/import?format=csv&preview=true"] {
            let (status, answer) = import(app, "ada", path, file).await?;
            let told = refusals(&answer);
            ensure!(told == expected && status == if path.contains("preview") { 200 } else { 422 }, "{status} {told:?} {answer}");
            ensure!(answer.to_string().contains("is the same as in line 3"), "{answer}");
            ensure!(app.dump().await? == before, "something was stored");
        }
        let (status, answer) = import(app, "ada", "projects/import?format=csv&partial=true", file).await?;
        ensure!(status == 200 && counts(&answer) == "2 0 0 6" && refusals(&answer) == expected, "{status} {answer}");
        let lines = "{\"data\":{\"code\":\"L1\",\"title\":\"x\"}}\n{\"data\":{\"code\":\"L2\"}}\nnot json\n{\"code\":\"L3\"}\n";
        let (_, answer) = import(app, "ada", "projects/import?format=jsonl&partial=true", lines).await?;
        ensure!(counts(&answer) == "1 0 0 3" && refusals(&answer) == ["2 /title schema", "3:2  malformed-json", "4 /data missing", "4 /code unknown-field"], "{answer}");
        Ok(())
    }

    /// What every row meets is met by rows: references, guarded fields, workflows, computed fields that nobody sends.
    async fn a_row_goes_the_way_of_any_object(app: App) {
        let file = "to,price,currency,days,limit,total,project\nOslo,10.00,EUR,2,,0,\nRome,1.00,EUR,,5,,\nLyon,1.005,EUR,,,,none\n";
        let (status, answer) = import(app, "eva", "trips/import?format=csv&partial=true", file).await?;
        ensure!(status == 200 && refusals(&answer) == ["3:5 /limit guarded", "4:2 /price amount", "4:7 /project unknown-object"], "{answer}");
        ensure!(answer["ignored"] == json!(["total"]), "{answer}");
        let list = send(app, "eva", "GET", "/outings/trips", None, &[]).await?;
        ensure!(list.body["items"][0]["data"]["total"] == "20.00" && list.body["items"].as_array().is_some_and(|items| items.len() == 1), "{}", list.text);
        ensure!(app.events().await? == ["outings.trip.created"], "{:?}", app.events().await?);
        let (_, answer) = import(app, "eva", "requests/import?format=jsonl", "{\"data\":{\"what\":\"A week in Oslo\"}}").await?;
        ensure!(counts(&answer) == "1 0 0 0", "{answer}");
        app.work().await?;
        app.approve("mira").await?;
        let list = send(app, "eva", "GET", "/outings/requests", None, &[]).await?;
        ensure!(list.body["items"][0]["status"] == "agreed", "{}", list.text);
        Ok(())
    }

    /// Whoever may not make or change objects one by one may not in files either.
    async fn rights_are_those_of_the_objects(app: App) {
        let file = "code,title\nA,a\n";
        for (who, path, expected) in [
            ("eva", "projects/import?format=csv", 403),
            ("eva", "projects/import?format=csv&preview=true", 403),
            ("eva", "projects/import?format=csv&mode=upsert&key=code", 403),
            ("ada", "receipts/import?format=csv&mode=upsert&key=id", 400),
            ("ada", "nothing/import?format=csv", 404),
            ("ada", "projects/import", 400),
            ("ada", "projects/import?format=xml", 400),
            ("ada", "projects/import?format=csv&mode=upsert", 400),
            ("ada", "projects/import?format=csv&mode=upsert&key=title", 400),
            ("ada", "projects/import?format=csv&key=code", 400),
            ("ada", "projects/import?format=csv&preview=yes", 400),
            ("ada", "projects/import?format=csv&mode=upsert&key=owner,no", 422),
        ] {
            let (status, answer) = import(app, who, path, file).await?;
            ensure!(status == expected, "{who} {path}: {status} {answer}");
        }
        let url = format!("{}/api/v1/acme/outings/projects/export?format=csv", app.base);
        ensure!(reqwest::get(&url).await?.status() == 401);
        let other = format!("{}/api/v1/other/outings/projects/export?format=csv", app.base);
        ensure!(reqwest::Client::new().get(other).bearer_auth(token("ada")).send().await?.status() == 401);
        for path in ["projects/export", "projects/export?format=csv&limit=1", "projects/export?format=csv&filter[title]=x"] {
            ensure!(app.bytes("eva", &format!("/outings/{path}")).await?.0 == 400, "{path}");
        }
        let (status, answer) = app.call("ada", "POST", "/outings/projects/import?format=csv", Some(&json!({}))).await?;
        ensure!(status == 415, "{answer}");
        Ok(())
    }

    /// A file that is none is refused as a whole, and so is half of one.
    async fn what_is_no_file_of_objects_is_refused(app: App) {
        let before = app.dump().await?;
        let cases: [(&str, &[u8], u16, &str); 7] = [
            ("csv", b"code,title\nA,a\nB,\"b\nC,c\n", 400, "malformed-csv"),
            ("csv", b"code,title\nA,a\"b\n", 400, "malformed-csv"),
            ("csv", b"code,titel\nA,a\n", 400, "columns"),
            ("csv", b"code;title\nA;a\n", 400, "columns"),
            ("csv", b"", 400, "columns"),
            ("csv", b"code,title\nA,\xFF\n", 400, "not-utf-8"),
            ("jsonl", b"{\"data\":\xC3", 400, "not-utf-8"),
        ];
        for (format, file, expected, code) in cases {
            for more in ["", "&partial=true"] {
                let path = format!("/outings/projects/import?format={format}{more}");
                let (status, answer) = app.upload("ada", &path, file, &[]).await?;
                ensure!(status == expected && answer["code"] == code, "{path} {status} {answer}");
            }
        }
        let (_, answer) = import(app, "ada", "projects/import?format=csv", "code,titel\nA,a\n").await?;
        ensure!(refusals(&answer) == ["1:2  column"] && answer.to_string().contains("did you mean"), "{answer}");
        let many = "code,title\n".to_owned() + &"A,a\n".repeat(100_001);
        let (status, answer) = import(app, "ada", "projects/import?format=csv", &many).await?;
        ensure!(status == 413 && answer["code"] == "too-many-rows", "{status} {answer}");
        let large = vec![b'a'; 33_554_433];
        let (status, answer) = app.upload("ada", "/outings/projects/import?format=csv", &large, &[]).await?;
        ensure!(status == 413, "{status} {answer}");
        ensure!(app.dump().await? == before);
        Ok(())
    }

    /// A file that is sent again under its key is imported once, however often the service was stopped in the middle of it.
    async fn a_file_is_imported_once(app: App) {
        let rows: String = (0..210).map(|n| format!("Trip {n},1.00,EUR\n")).collect();
        let file = format!("to,price,currency\n{rows}");
        let path = "/outings/trips/import?format=csv";
        let key = [("Idempotency-Key", "trips-1")];
        let mut point = 0;
        let answer = loop {
            point += 4;
            app.restart_with(Crash::at(point)).await?;
            match app.upload("eva", path, file.as_bytes(), &key).await? {
                (200, answer) => break answer,
                (status, answer) => ensure!(status == 503 && app.crash.is_dead(), "{status} {answer}"),
            }
        };
        ensure!(point > 12 && counts(&answer) == "210 0 0 0", "at crash point {point}: {answer}");
        app.restart().await?;
        let (status, again) = app.upload("eva", path, file.as_bytes(), &key).await?;
        ensure!(status == 200 && again == answer, "{status} {again}");
        ensure!(export(app, "trips/export?format=jsonl").await?.lines().count() == 210);
        Ok(())
    }

    /// Whoever accepts lines hears how far it is, and the answer at last.
    async fn an_import_says_how_far_it_is(app: App) {
        let rows: String = (0..450).map(|n| format!("P{n},x\n")).collect();
        let url = format!("{}/api/v1/acme/outings/projects/import?format=csv", app.base);
        let request = reqwest::Client::new().post(url).bearer_auth(token("ada")).header("Accept", "application/jsonl");
        let answer = request.header("Content-Type", "text/csv").body(format!("code,title\n{rows}")).send().await?.text().await?;
        let lines: Vec<Value> = answer.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let far: Vec<String> = lines.iter().map(|line| format!("{}{}", line["checked"], line["imported"])).collect();
        ensure!(far == ["200null", "400null", "450null", "null200", "null400", "null450", "nullnull"], "{far:?}");
        ensure!(lines[6]["status"] == 200 && lines[6]["answer"]["new"] == 450, "{}", lines[6]);
        // In a later commit than the row that has the same.
        let (status, answer) = import(app, "ada", "projects/import?format=csv&preview=true", &format!("code,title\nQQ,x\n{}QQ,x\n", rows.replace('P', "R"))).await?;
        ensure!(status == 200 && refusals(&answer) == ["453:1 /code not-unique"] && answer.to_string().contains("in line 2"), "{answer}");
        Ok(())
    }

    /// An upload that is cut off leaves nothing, and neither does a very long file of rubbish.
    async fn half_a_file_and_very_many_lines_leave_nothing(app: App) {
        let before = app.dump().await?;
        let address = app.base.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        let head = format!(
            "POST /api/v1/acme/outings/projects/import?format=csv&partial=true HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\ncode,title\nAA,a\nBB,",
            token("ada")
        );
        stream.write_all(head.as_bytes()).await?;
        stream.shutdown().await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        ensure!(answer.is_empty() || answer.contains("400 Bad Request"), "{answer}");
        let (status, answer) = import(app, "ada", "projects/import?format=jsonl&partial=true", &"{\"data\": \n".repeat(100_000)).await?;
        ensure!(status == 200 && counts(&answer) == "0 0 0 100000" && refusals(&answer).len() == 100, "{status} {answer}");
        let (status, answer) = import(app, "ada", "projects/import?format=jsonl", &"[".repeat(1_048_577)).await?;
        ensure!(status == 422 && refusals(&answer) == ["1  too-large"], "{status}");
        ensure!(app.dump().await? == before);
        Ok(())
    }
}
