//! The server is tested by a client that is as small as possible, so that nothing is smoothed over.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Attachment, Behaviour, SmtpServer};

const MESSAGE: &str = "From: \"Countersign\" <noreply@example.org>\r\nTo: Anna <anna@example.org>, bo@example.org\r\n\
    Subject: =?utf-8?q?Bestellung_f=C3=BCr_Anna?=\r\nMessage-ID: <i1.7.2@example.org>\r\nIn-Reply-To: <i1.1.1@example.org>\r\n\
    References: <i1.0.1@example.org> <i1.1.1@example.org>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=M\r\n\r\n--M\r\nContent-Type: multipart/alternative; boundary=A\r\n\r\n\
    --A\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOpen http://localhost:1/a/t0k?x=1&y=2.\r\n..two dots\r\n\
    --A\r\nContent-Type: text/html\r\n\r\n<a href=\"http://localhost:1/a/t0k\">Open</a>\r\n--A--\r\n\
    --M\r\nContent-Type: application/pdf; name=\"order.pdf\"\r\nContent-Disposition: attachment; filename=\"order.pdf\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--M--\r\n";

struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects and reads the greeting.
    async fn connect(server: &SmtpServer) -> Result<Client> {
        let mut client = Client(BufReader::new(TcpStream::connect(server.address()).await?));
        let greeting = client.reply().await?;
        ensure!(greeting.starts_with("220 "), "{greeting}");
        Ok(client)
    }

    /// The last line of a reply.
    async fn reply(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await?;
            ensure!(line.ends_with("\r\n"), "the connection was closed");
            if line.as_bytes().get(3) == Some(&b' ') {
                return Ok(line.trim_end().to_owned());
            }
        }
    }

    async fn say(&mut self, line: &str) -> Result<String> {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.reply().await
    }

    /// Sends a message, dots stuffed, and returns the reply that decides: the first bad one, or the last.
    async fn send(&mut self, to: &str, message: &str) -> Result<String> {
        for line in
            ["EHLO test", "MAIL FROM:<noreply@example.org> SIZE=900 BODY=8BITMIME", &format!("RCPT TO:<{to}>"), "DATA"]
        {
            let reply = self.say(line).await?;
            if !reply.starts_with(['2', '3']) {
                return Ok(reply);
            }
        }
        let stuffed = message.replace("\r\n.", "\r\n..");
        self.say(&format!("{stuffed}.")).await
    }
}

async fn send(server: &SmtpServer, to: &str) -> Result<String> {
    Client::connect(server).await?.send(to, MESSAGE).await
}

#[tokio::test]
async fn a_mail_is_kept_and_read_as_a_person_sees_it() -> Result<()> {
    let server = SmtpServer::start().await?;
    ensure!(send(&server, "anna@example.org").await?.starts_with("250 "));
    let mails = server.wait_for(1).await?;
    let mail = &mails[0];
    assert_eq!(mail.raw, MESSAGE.as_bytes());
    assert_eq!(mail.envelope_from, "noreply@example.org");
    assert_eq!(mail.envelope_to, ["anna@example.org"]);
    assert_eq!(mail.from, "noreply@example.org");
    assert_eq!(mail.to, ["anna@example.org", "bo@example.org"]);
    assert_eq!(mail.subject, "Bestellung für Anna");
    assert_eq!(mail.message_id, "i1.7.2@example.org");
    assert_eq!(mail.in_reply_to, ["i1.1.1@example.org"]);
    assert_eq!(mail.references, ["i1.0.1@example.org", "i1.1.1@example.org"]);
    assert!(mail.text.as_deref().is_some_and(|text| text.contains("\n..two dots")), "{:?}", mail.text);
    assert!(mail.html.as_deref().is_some_and(|html| html.starts_with("<a href")), "{:?}", mail.html);
    assert_eq!(mail.links(), ["http://localhost:1/a/t0k?x=1&y=2"]);
    assert_eq!(mail.link_with("/a/").as_deref(), Some("http://localhost:1/a/t0k?x=1&y=2"));
    let order = Attachment { name: "order.pdf".into(), media_type: "application/pdf".into(), bytes: b"%PDF".to_vec() };
    assert_eq!(mail.attachments, [order]);
    Ok(())
}

#[tokio::test]
async fn mails_are_found_by_recipient_and_forgotten() -> Result<()> {
    let server = SmtpServer::start().await?;
    send(&server, "anna@example.org").await?;
    send(&server, "bo@example.org").await?;
    assert_eq!(server.mails_to("Anna@Example.org").len(), 1);
    assert_eq!(server.mails().len(), 2);
    server.clear();
    assert_eq!(server.mails(), []);
    Ok(())
}

#[tokio::test]
async fn a_mail_without_html_has_none() -> Result<()> {
    let server = SmtpServer::start().await?;
    let mut client = Client::connect(&server).await?;
    client.send("a@b", "Subject: x\r\n\r\nonly text\r\n").await?;
    let mail = server.mails().pop().context("no mail")?;
    assert_eq!((mail.text.as_deref(), mail.html), (Some("only text\r\n"), None));
    assert!(client.send("a@b", "").await?.starts_with("554 "));
    Ok(())
}

#[tokio::test]
async fn commands_may_be_pipelined_and_connections_used_again() -> Result<()> {
    let server = SmtpServer::start().await?;
    let mut client = Client::connect(&server).await?;
    client.say("EHLO test").await?;
    client.0.write_all(b"MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").await?;
    for code in ["250 ", "250 ", "250 ", "354 "] {
        ensure!(client.reply().await?.starts_with(code));
    }
    ensure!(client.say("Subject: 1\r\n\r\n.").await?.starts_with("250 "));
    ensure!(client.send("e@f", MESSAGE).await?.starts_with("250 "));
    ensure!(client.say("QUIT").await?.starts_with("221 "));
    let mails = server.mails();
    assert_eq!(mails[0].envelope_to, ["a@b", "c@d"]);
    assert_eq!(mails[1].envelope_to, ["e@f"]);
    Ok(())
}

#[tokio::test]
async fn commands_in_the_wrong_order_are_refused() -> Result<()> {
    let server = SmtpServer::start().await?;
    let mut client = Client::connect(&server).await?;
    let talk = [
        ("MAIL FROM:<a@b>", "503"),
        ("HELO x", "250"),
        ("RCPT TO:<a@b>", "503"),
        ("DATA", "503"),
        ("MAIL a@b", "501"),
        ("MAIL FROM:<a@b> SIZE=99999999", "552"),
        ("mail from:<a@b>", "250"),
        ("MAIL FROM:<a@b>", "503"),
        ("RSET", "250"),
        ("RCPT TO:<a@b>", "503"),
        ("NOOP", "250"),
        ("VRFY a", "502"),
    ];
    for (line, code) in talk {
        let reply = client.say(line).await?;
        ensure!(reply.starts_with(code), "{line}: {reply}");
    }
    Ok(())
}

#[tokio::test]
async fn down_refuses_connections_and_cuts_open_ones_until_it_is_up_again() -> Result<()> {
    let server = SmtpServer::start().await?;
    let mut open = Client::connect(&server).await?;
    server.set(Behaviour::Down).await?;
    ensure!(open.say("NOOP").await.is_err());
    let refused = TcpStream::connect(server.address()).await.map(drop).map_err(|problem| problem.kind());
    assert_eq!(refused, Err(std::io::ErrorKind::ConnectionRefused));
    server.set(Behaviour::Down).await?;
    server.set(Behaviour::Accept).await?;
    ensure!(send(&server, "anna@example.org").await?.starts_with("250 "));
    Ok(())
}

#[tokio::test]
async fn recipients_and_messages_are_refused_on_demand() -> Result<()> {
    let server = SmtpServer::start().await?;
    server.set(Behaviour::Defer).await?;
    ensure!(send(&server, "anna@example.org").await?.starts_with("451 "));
    server.set(Behaviour::RejectRecipient("anna@".into())).await?;
    ensure!(send(&server, "anna@example.org").await?.starts_with("550 "));
    ensure!(send(&server, "bo@example.org").await?.starts_with("250 "));
    server.set(Behaviour::RejectData(554)).await?;
    assert_eq!(send(&server, "anna@example.org").await?, "554 5.7.0 refused");
    assert_eq!(server.mails().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_mail_is_kept_although_the_sender_never_hears_of_it() -> Result<()> {
    let server = SmtpServer::start().await?;
    server.set(Behaviour::DropBeforeReply).await?;
    ensure!(send(&server, "anna@example.org").await.is_err());
    assert_eq!(server.wait_for(1).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_tarpit_makes_every_reply_late() -> Result<()> {
    let server = SmtpServer::start().await?;
    server.set(Behaviour::Tarpit(Duration::from_millis(30))).await?;
    let begin = Instant::now();
    Client::connect(&server).await?.say("NOOP").await?;
    ensure!(begin.elapsed() >= Duration::from_millis(60), "{:?}", begin.elapsed());
    Ok(())
}

#[tokio::test]
async fn the_port_closes_with_the_server() -> Result<()> {
    let server = SmtpServer::start().await?;
    let mut open = Client::connect(&server).await?;
    drop(server);
    let mut rest = Vec::new();
    // Ends when the connection does, whether it is closed or reset.
    let _ = open.0.read_to_end(&mut rest).await;
    assert_eq!(rest, b"");
    Ok(())
}
