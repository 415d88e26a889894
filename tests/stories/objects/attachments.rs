//! Files that people attach to objects.

use super::{id, make, send};
use crate::support::app::token;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// Sends a file; the status and what is answered.
async fn put(app: &App, who: &str, path: &str, media_type: &str, bytes: Vec<u8>) -> Result<(u16, Value)> {
    let url = format!("{}/api/v1/acme{path}", app.base);
    let request =
        reqwest::Client::new().put(url).bearer_auth(token(who)).header("Content-Type", media_type).body(bytes);
    let response = request.send().await?;
    Ok((response.status().as_u16(), serde_json::from_str(&response.text().await?).unwrap_or_default()))
}

stories! {
    /// A file is attached, replaced, read as it was sent, and taken away.
    async fn files_are_attached_to_objects(app: App) {
        let project = make(app, "ada", "projects", &json!({ "code": "P1", "title": "One" })).await?;
        let path = format!("/outings/projects/{}/attachments", id(&project));
        let file = format!("{path}/Plan%20M%C3%A4rz.html");
        let (status, made) = put(app, "ada", &file, "text/html", b"<script>alert(1)</script>".to_vec()).await?;
        ensure!(status == 201 && made["name"] == "Plan M\u{e4}rz.html" && made["length"] == 25 && made["by"] == "ada", "{status} {made}");
        let response = reqwest::Client::new().get(format!("{}/api/v1/acme{file}", app.base)).bearer_auth(token("eva")).send().await?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        ensure!(header("content-type") == "text/html" && header("x-content-type-options") == "nosniff");
        ensure!(header("content-disposition") == "attachment; filename*=UTF-8''Plan%20M%C3%A4rz.html", "{}", header("content-disposition"));
        ensure!(header("content-security-policy") == "default-src 'none'; sandbox");
        ensure!(response.bytes().await?.as_ref() == b"<script>alert(1)</script>");
        let (status, other) = put(app, "ada", &file, "text/plain", b"other".to_vec()).await?;
        ensure!(status == 200 && other["sha256"] != made["sha256"], "{status} {other}");
        let list = send(app, "eva", "GET", &path, None, &[]).await?;
        ensure!(list.body["items"].as_array().is_some_and(|all| all.len() == 1 && all[0]["media_type"] == "text/plain"), "{}", list.text);
        ensure!(send(app, "ada", "DELETE", &file, None, &[]).await?.status == 204);
        ensure!(send(app, "ada", "DELETE", &file, None, &[]).await?.status == 404);
        ensure!(send(app, "eva", "GET", &file, None, &[]).await?.status == 404);
        Ok(())
    }

    /// Where nobody may change an object, who made it adds files, and they stay as they are.
    async fn files_of_what_nobody_changes_stay(app: App) {
        let receipt = make(app, "eva", "receipts", &json!({ "what": "Taxi" })).await?;
        let file = format!("/outings/receipts/{}/attachments/taxi.txt", id(&receipt));
        let of = |text: &str| text.as_bytes().to_vec();
        let (status, answer) = put(app, "carl", &file, "text/plain", of("of another")).await?;
        ensure!(status == 403 && answer.to_string().contains("only who made it"), "{status} {answer}");
        let (status, answer) = put(app, "eva", &file, "text/plain", of("first")).await?;
        ensure!(status == 201, "{status} {answer}");
        for who in ["eva", "carl", "ada"] {
            let gone = send(app, who, "DELETE", &file, None, &[]).await?;
            ensure!(gone.status == 405 && gone.text.contains("neither replaced nor deleted"), "{who}: {}", gone.text);
        }
        let (status, answer) = put(app, "eva", &file, "text/plain", of("second")).await?;
        ensure!(status == 405 && answer.to_string().contains("neither replaced nor deleted"), "{status} {answer}");
        ensure!(send(app, "carl", "GET", &file, None, &[]).await?.text == "first");
        Ok(())
    }

    /// Files of objects that are not there, of others, too large, or with names that lead elsewhere are refused.
    async fn files_that_do_not_belong_are_refused(app: App) {
        let project = make(app, "ada", "projects", &json!({ "code": "P1", "title": "One" })).await?;
        let path = format!("/outings/projects/{}/attachments", id(&project));
        let file = || b"x".to_vec();
        for (who, path, media_type, bytes, expected) in [
            ("eva", format!("{path}/a.txt"), "text/plain", file(), 403),
            ("ada", "/outings/projects/none/attachments/a.txt".to_owned(), "text/plain", file(), 404),
            ("ada", "/outings/trips/none/attachments/a.txt".to_owned(), "text/plain", file(), 404),
            ("ada", format!("{path}/..%2Fa.txt"), "text/plain", file(), 400),
            ("ada", format!("{path}/.profile"), "text/plain", file(), 400),
            ("ada", format!("{path}/a.txt"), "plain", file(), 400),
            ("ada", format!("{path}/a.txt"), "text/plain", vec![0; 10_485_761], 413),
        ] {
            let (status, answer) = put(app, who, &path, media_type, bytes).await?;
            ensure!(status == expected, "{path}: {status} {answer}");
        }
        let (status, answer) = put(app, "ada", &format!("{path}/a.txt"), "text/plain", vec![7; 10_485_760]).await?;
        ensure!(status == 201 && answer["length"] == 10_485_760, "{status} {answer}");
        Ok(())
    }
}
