//! `countersign definition`: what an author does before anybody runs a definition. No database, no server.

use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const ORDER: &str = "definitions/purchasing/order.asl.json";
const PAGE: &str = include_str!("../../docs/definitions.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository as an argument.
fn ours(path: &str) -> String {
    root().join(path).display().to_string()
}

async fn definition(arguments: &[&str]) -> Result<Ended> {
    let arguments: Vec<&str> = std::iter::once("definition").chain(arguments.iter().copied()).collect();
    Program::find()?.run(&arguments).await
}

fn file(folder: &Folder, name: &str, text: &str) -> Result<String> {
    let path = folder.path().join(name);
    std::fs::write(&path, text)?;
    Ok(path.display().to_string())
}

fn lines(text: &str) -> Result<Vec<Value>> {
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

#[tokio::test]
async fn every_command_of_the_page_does_what_it_says() -> Result<()> {
    let blocks = PAGE.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let commands: Vec<&str> = blocks.flat_map(str::lines).collect();
    ensure!(commands.len() == 6, "commands are gone: {commands:?}");
    for command in commands {
        let words = command.strip_prefix("countersign definition ").context("another command")?.split(' ');
        let words: Vec<String> =
            words.map(|word| if word.contains('/') { ours(word) } else { word.to_owned() }).collect();
        let ended = definition(&words.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        ensure!(
            ended.code == Some(0) && !ended.out.is_empty(),
            "{command}: {:?}\n{}\n{}",
            ended.code,
            ended.out,
            ended.err
        );
    }
    Ok(())
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_with_place_and_remedy() -> Result<()> {
    let folder = Folder::new()?;
    let wrong = json!({ "StartAt": "A", "States": {
        "A": { "Type": "Task", "Resource": "nobody.knows", "Next": "B" }, "B": { "Type": "Succeed", "Colour": "red" } } });
    let wrong = file(&folder, "wrong.json", &wrong.to_string())?;
    let unknown =
        json!({ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "nobody.knows", "End": true } } });
    let unknown = file(&folder, "unknown.json", &unknown.to_string())?;
    let broken = file(&folder, "broken.json", "{\n  \"StartAt\": }")?;
    let ended = definition(&["check", &ours(ORDER), &wrong, &unknown, &broken, "/no/such/file"]).await?;
    ensure!(ended.code == Some(1), "{ended:?}");
    for words in [
        "order.asl.json: fine, 35 states",
        "/States/B/Colour: Colour is not a field here",
        "/States/A/Resource: there is no code named nobody.knows",
        "  2:14 /: is not JSON",
        "/no/such/file: refused, 1 problem",
    ] {
        ensure!(ended.out.contains(words), "{words}:\n{}", ended.out);
    }
    ensure!(definition(&["check", "--any-resource", &unknown]).await?.code == Some(0));
    let reports: Value = serde_json::from_str(&definition(&["check", "--json", &wrong]).await?.out)?;
    ensure!(reports[0]["problems"][0]["pointer"] == "/States/B/Colour", "{reports}");
    Ok(())
}

#[tokio::test]
async fn the_scenarios_of_purchasing_pass_and_a_wrong_one_says_where() -> Result<()> {
    let files = std::fs::read_dir(root().join("definitions/purchasing/scenarios"))?;
    let files: Result<Vec<PathBuf>, _> = files.map(|file| file.map(|file| file.path())).collect();
    let files = files?.into_iter().filter(|path| path.is_file()).map(|path| path.display().to_string());
    let order = ours(ORDER);
    let arguments: Vec<String> = ["test".to_owned(), order.clone()].into_iter().chain(files).collect();
    let ended = definition(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    ensure!(
        ended.code == Some(0) && ended.out.contains("8 scenarios passed, 0 failed"),
        "{}\n{}",
        ended.out,
        ended.err
    );

    let folder = Folder::new()?;
    let base = ours("definitions/purchasing/scenarios/01_small_order.json");
    let wrong = json!({ "Extends": base, "Expect": { "Path": ["Init", "Elsewhere"], "Asked": { "ManagerApproval": ["zoe"] } } });
    let wrong = file(&folder, "wrong.json", &wrong.to_string())?;
    let ended = definition(&["test", &order, &wrong]).await?;
    ensure!(ended.code == Some(1), "{ended:?}");
    ensure!(
        ended.out.contains("✘") && ended.out.contains("Path/1\n      expected  Elsewhere\n      found     Submitted"),
        "{}",
        ended.out
    );
    let results: Value = serde_json::from_str(&definition(&["test", "--json", &order, &wrong]).await?.out)?;
    ensure!(results[0]["differences"][1]["expected"] == "zoe", "{results}");
    Ok(())
}

#[tokio::test]
async fn a_rehearsal_tells_what_happens_who_is_asked_and_what_it_waits_for() -> Result<()> {
    let cast = ours("definitions/purchasing/scenarios/04_nobody_decides.json");
    let ended = definition(&["run", &ours(ORDER), "--cast", &cast, "--for", "P6D"]).await?;
    for words in [
        "2026-01-06 00:00:00  ApprovalEscalated     ManagerApproval  clara",
        "ManagerApproval  mira, manager of eva",
        "after 6 d: ManagerApproval waits for a decision of mira, clara",
    ] {
        ensure!(ended.out.contains(words), "{words}:\n{}", ended.out);
    }
    let folder = Folder::new()?;
    let task = json!({ "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "a.b", "End": true } } });
    let task = file(&folder, "task.json", &task.to_string())?;
    let ended = definition(&["run", &task]).await?;
    ensure!(ended.out.ends_with("after no time: T waits for what a.b answers\n"), "{}", ended.out);
    let ended = definition(&["run", &task, "--mock", "a.b={\"n\": 1}", "--input", "{\"a\": 2}", "--json"]).await?;
    let report: Value = serde_json::from_str(&ended.out)?;
    ensure!(report["status"] == "succeeded" && report["output"] == json!({ "n": 1 }), "{report}");
    ensure!(report["entries"][0]["input"] == json!({ "a": 2 }), "{report}");
    let ended = definition(&["run", &task, "--mock", "a.b={\"Error\": \"A.Gone\"}"]).await?;
    ensure!(ended.out.ends_with("failed after no time in T: A.Gone\n"), "{}", ended.out);
    Ok(())
}

#[tokio::test]
async fn a_batch_answers_every_line_whatever_it_holds() -> Result<()> {
    let folder = Folder::new()?;
    let end = json!({ "Type": "Succeed" });
    let case = |id: &str, states: Value| json!({ "id": id, "definition": { "StartAt": "A", "States": states }, "input": { "a": 1 } });
    let wait = json!({ "A": { "Type": "Wait", "Seconds": 3_600, "Next": "B" }, "B": end });
    let task = json!({ "A": { "Type": "Task", "Resource": "a.b", "Next": "B" }, "B": end });
    let endless = json!({ "A": { "Type": "Wait", "Seconds": 1, "Next": "C" }, "B": end,
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": 2, "Next": "B" }], "Default": "A" } });
    let cases = [
        case("wait", wait).to_string(),
        "this is not JSON".to_owned(),
        String::new(),
        case("refused", json!({ "A": { "Type": "Pause" } })).to_string(),
        "[1, 2]".to_owned(),
        case("rests", task).to_string(),
        case("endless", endless).to_string(),
        "{\"id\": \"nothing\"}".to_owned(),
    ];
    let batch = file(&folder, "cases.jsonl", &cases.join("\n"))?;
    let ended = definition(&["run", "--batch", &batch]).await?;
    ensure!(ended.code == Some(0), "{ended:?}");
    let results = lines(&ended.out)?;
    let ids: Vec<&Value> = results.iter().map(|result| &result["id"]).collect();
    ensure!(
        ids == [
            &json!("wait"),
            &Value::Null,
            &json!("refused"),
            &Value::Null,
            &json!("rests"),
            &json!("endless"),
            &json!("nothing")
        ]
    );
    let types = |n: usize| -> Vec<String> {
        let events = results[n]["events"].as_array().into_iter().flatten();
        events.map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let expected = [
        "ExecutionStarted",
        "WaitStateEntered",
        "WaitStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ];
    ensure!(types(0) == expected, "{}", results[0]);
    ensure!(results[1]["refused"][0]["code"] == "json", "{}", results[1]);
    ensure!(results[2]["refused"][0]["pointer"] == "/States/A/Type", "{}", results[2]);
    ensure!(types(4) == ["ExecutionStarted", "TaskStateEntered", "TaskScheduled"], "{}", results[4]);
    // Where the machine is busy the time of a case is over before its history is full.
    ensure!(types(5).len() >= 25_000 || results[5]["refused"][0]["code"] == "too-long");
    ensure!(results[6]["refused"].is_array(), "{}", results[6]);
    Ok(())
}

#[tokio::test]
async fn a_diagram_shows_the_way_of_a_rehearsal() -> Result<()> {
    let folder = Folder::new()?;
    let cast = ours("definitions/purchasing/scenarios/04_nobody_decides.json");
    let report = definition(&["run", &ours(ORDER), "--cast", &cast, "--for", "P6D", "--json"]).await?.out;
    let history = file(&folder, "history.json", &report)?;
    let svg = definition(&["diagram", &ours(ORDER), "--history", &history]).await?.out;
    ensure!(svg.starts_with("<svg ") && svg.matches(" been here\"").count() == 1, "{svg}");
    let plain = definition(&["plain", &ours(ORDER)]).await?.out;
    let plain = file(&folder, "plain.json", &plain)?;
    let ended = definition(&["check", "--any-resource", &plain]).await?;
    ensure!(ended.code == Some(0) && ended.out.contains("42 states"), "{}", ended.out);
    Ok(())
}
