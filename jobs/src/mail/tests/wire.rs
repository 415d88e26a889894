//! The SMTP postman and a server that answers as it is told.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Every line that the server was sent.
type Heard = Arc<Mutex<Vec<String>>>;

/// A server that greets with `greeting` and answers each `RCPT` with `recipient`.
async fn server(greeting: &'static str, recipient: &'static str) -> (SmtpPostman, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let keep = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(session(stream, greeting, recipient, keep.clone()));
        }
    });
    (SmtpPostman::new(&url).unwrap(), heard)
}

async fn session(stream: TcpStream, greeting: &str, recipient: &str, heard: Heard) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut data = false;
    let _ = write.write_all(format!("{greeting}\r\n").as_bytes()).await;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.lock().unwrap().push(line.clone());
        let reply = match line.as_bytes() {
            b"." if data => {
                data = false;
                "250 kept"
            }
            _ if data => continue,
            [b'E', ..] => "250-here\r\n250 8BITMIME",
            [b'R', b'C', ..] => recipient,
            [b'D', ..] => {
                data = true;
                "354 go on"
            }
            _ => "250 fine",
        };
        let _ = write.write_all(format!("{reply}\r\n").as_bytes()).await;
    }
}

#[tokio::test]
async fn a_mail_is_handed_over() {
    let (postman, heard) = server("220 hello", "250 fine").await;
    postman.send(&mail()).await.unwrap();
    let heard = heard.lock().unwrap().join("\n");
    assert!(
        heard.contains("MAIL FROM:<no-reply@acme.example>") && heard.contains("RCPT TO:<jo@acme.example>"),
        "{heard}"
    );
}

#[tokio::test]
async fn a_refused_recipient_is_final_and_told_in_the_servers_words() {
    let (postman, _) = server("220 hello", "550 5.1.1 no such person here").await;
    let refused = postman.send(&mail()).await.unwrap_err();
    let PostError::Never(words) = refused else { panic!("{refused:?}") };
    assert_eq!(words, "the mail server refused the mail to jo@acme.example: 550 5.1.1 no such person here");
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for (greeting, recipient) in [("220 hello", "451 4.7.1 greylisted"), ("421 too busy", "250 fine")] {
        let (postman, _) = server(greeting, recipient).await;
        let refused = postman.send(&mail()).await.unwrap_err();
        assert!(matches!(refused, PostError::Later(_)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_wrong_sign_in_is_not_the_mails_fault() {
    let (postman, _) = server("220 hello", "530 5.7.0 authentication required").await;
    assert!(matches!(postman.send(&mail()).await, Err(PostError::Later(words)) if words.contains("sign-in")));
}

#[tokio::test]
async fn nobody_at_the_door_is_tried_again() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let postman = SmtpPostman::new(&format!("smtp://127.0.0.1:{port}")).unwrap();
    let refused = postman.send(&mail()).await.unwrap_err();
    assert!(matches!(&refused, PostError::Later(words) if words.contains("cannot be reached")), "{refused:?}");
}
