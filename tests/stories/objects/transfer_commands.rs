//! `countersign object export` and `object import`, as somebody at a terminal uses them.

use super::{make, send};
use crate::support::app::token;
use crate::support::folder::Folder;
use crate::support::process::Program;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

fn program(app: &App, who: &str) -> Result<Program> {
    let program = Program::find()?.with("COUNTERSIGN_URL", &app.base).with("COUNTERSIGN_COMPANY", "acme");
    Ok(program.with("COUNTERSIGN_TOKEN", token(who)))
}

stories! {
    /// Out of a collection, changed by hand, tried, and in again.
    async fn files_go_out_and_come_in_by_commands(app: App) {
        for code in ["AA", "BB"] {
            make(app, "ada", "projects", &json!({ "code": code, "title": "x" })).await?;
            // Ids of the same millisecond come in any order.
            app.clock.pass(1_000);
        }
        let (folder, ada) = (Folder::new()?, program(app, "ada")?);
        let file = folder.path().join("projects.csv").display().to_string();
        let told = ada.must(&["object", "export", "outings/projects", "-o", &file]).await?;
        ensure!(told.starts_with(&file) && told.trim_end().ends_with("bytes"), "{told}");
        let text = std::fs::read_to_string(&file)?;
        ensure!(text.lines().count() == 3 && !std::fs::exists(format!("{file}.part"))?, "{text}");
        std::fs::write(&file, text.replacen(",x,", ",better,", 1) + ",,,,,,,CC,new,,,\r\n,,,,,,,AA,again,,,\r\n")?;
        let arguments = ["object", "import", "outings/projects", &file, "--key", "code"];
        let ended = ada.run(&[&arguments[..], &["--preview"]].concat()).await?;
        let expected = format!("{file}:5:8: /code is the same as in line 3; it must be another\n4 rows: would be 1 new, 1 changed, 1 same, 1 refused\n");
        ensure!(ended.code == Some(1) && ended.out == expected, "{}{}", ended.out, ended.err);
        let ended = ada.run(&arguments).await?;
        ensure!(ended.code == Some(1) && ended.err.contains("line 5, column 8: /code is the same as in line 3"), "{}{}", ended.out, ended.err);
        let ended = ada.run(&[&arguments[..], &["--partial", "--json"]].concat()).await?;
        let answer: Value = serde_json::from_str(&ended.out)?;
        ensure!(ended.code == Some(1) && answer["new"] == 1 && answer["changed"] == 1 && answer["same"] == 1, "{answer}");
        let out = ada.must(&["object", "export", "outings/projects", "--format", "jsonl", "--where", "filter[code]=CC"]).await?;
        ensure!(out.lines().count() == 1 && out.contains("\"title\":\"new\""), "{out}");
        Ok(())
    }

    /// The same file makes its objects once, unless somebody says so.
    async fn a_command_that_is_run_again_makes_nothing_twice(app: App) {
        let (folder, eva) = (Folder::new()?, program(app, "eva")?);
        let file = folder.path().join("receipts.jsonl").display().to_string();
        std::fs::write(&file, "{\"data\":{\"what\":\"Taxi\"}}\n{\"data\":{\"what\":\"Bus\"}}\n")?;
        let import = ["object", "import", "outings/receipts", &file];
        ensure!(eva.must(&import).await? == "2 rows: 2 new, 0 changed, 0 same, 0 refused\n");
        ensure!(eva.must(&import).await?.contains("not imported twice"));
        let count = async || Ok::<_, anyhow::Error>(send(app, "eva", "GET", "/outings/receipts", None, &[]).await?.body["items"].as_array().map(Vec::len));
        ensure!(count().await? == Some(2));
        eva.must(&[&import[..], &["--again"]].concat()).await?;
        ensure!(count().await? == Some(4));
        for (arguments, sentence) in [
            (&["object", "import", "outings/receipts", "/nowhere.csv"][..], "/nowhere.csv cannot be read"),
            (&["object", "export", "receipts"], "write module and collection with a slash between"),
            (&["object", "export", "outings/none"], "there is no collection"),
            (&["object", "import", "outings/projects", &file], "this needs the permission \"outings.projects.write\""),
        ] {
            let ended = eva.run(arguments).await?;
            ensure!(ended.code != Some(0) && ended.err.contains(sentence), "{arguments:?}: {}{}", ended.out, ended.err);
        }
        Ok(())
    }
}
