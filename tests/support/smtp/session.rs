//! One connection: the commands of RFC 5321 that a sender uses, with PIPELINING, 8BITMIME and SIZE.

use std::sync::Arc;

use anyhow::{Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Behaviour, Mail, Shared};

/// The largest message in bytes, announced as SIZE.
const MOST_BYTES: usize = 25 * 1024 * 1024;
/// RFC 5321 asks for 1000 octets; a generous server takes more, but not endlessly.
const LONGEST_LINE: u64 = 64 * 1024;

struct Session {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    greeted: bool,
    from: Option<String>,
    to: Vec<String>,
}

enum Next {
    Goes,
    Ends,
}

/// Talks to one client until it quits or the connection ends.
///
/// # Errors
/// If the connection breaks.
pub(super) async fn run(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    stream.set_nodelay(true)?;
    let stream = BufReader::new(stream);
    let mut session = Session { stream, shared, greeted: false, from: None, to: Vec::new() };
    session.reply("220 localhost ESMTP test server").await?;
    while let Some(line) = session.line().await? {
        let command = String::from_utf8_lossy(&line).into_owned();
        if matches!(session.obey(command.trim_end()).await?, Next::Ends) {
            break;
        }
    }
    Ok(())
}

impl Session {
    async fn obey(&mut self, command: &str) -> Result<Next> {
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        let reply = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello(&format!("250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE {MOST_BYTES}")),
            "HELO" => self.hello("250 localhost"),
            "MAIL" => self.mail(rest),
            "RCPT" => self.recipient(rest),
            "DATA" => return self.data().await,
            "RSET" => {
                self.forget();
                "250 2.0.0 forgotten".to_owned()
            }
            "NOOP" => "250 2.0.0 nothing done".to_owned(),
            "QUIT" => {
                self.reply("221 2.0.0 bye").await?;
                return Ok(Next::Ends);
            }
            _ => "502 5.5.1 command not known".to_owned(),
        };
        self.reply(&reply).await?;
        Ok(Next::Goes)
    }

    fn hello(&mut self, reply: &str) -> String {
        self.greeted = true;
        self.forget();
        reply.to_owned()
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn mail(&mut self, rest: &str) -> String {
        let Some((from, parameters)) = path(rest, "FROM:") else { return "501 5.5.4 MAIL FROM:<address>".into() };
        let announced: Option<usize> =
            parameters.iter().find_map(|word| word.to_ascii_uppercase().strip_prefix("SIZE=")?.parse().ok());
        match (self.greeted, &self.from, announced) {
            (false, ..) => "503 5.5.1 say EHLO first".into(),
            (_, Some(_), _) => "503 5.5.1 one sender is enough".into(),
            (_, _, Some(bytes)) if bytes > MOST_BYTES => "552 5.3.4 too large".into(),
            _ => {
                self.from = Some(from);
                "250 2.1.0 sender accepted".into()
            }
        }
    }

    fn recipient(&mut self, rest: &str) -> String {
        let Some((to, _)) = path(rest, "TO:") else { return "501 5.5.4 RCPT TO:<address>".into() };
        if self.from.is_none() {
            return "503 5.5.1 say MAIL first".into();
        }
        match self.shared.behaviour() {
            Behaviour::Defer => "451 4.7.1 try again later".into(),
            Behaviour::RejectRecipient(pattern) if to.contains(&pattern) => "550 5.1.1 no such mailbox".into(),
            _ => {
                self.to.push(to);
                "250 2.1.5 recipient accepted".into()
            }
        }
    }

    async fn data(&mut self) -> Result<Next> {
        let Some(from) = self.from.clone().filter(|_| !self.to.is_empty()) else {
            self.reply("503 5.5.1 say MAIL and RCPT first").await?;
            return Ok(Next::Goes);
        };
        self.reply("354 end with a line that holds only a dot").await?;
        let message = self.message().await?;
        let to = std::mem::take(&mut self.to);
        self.forget();
        self.finish(from, to, message).await
    }

    async fn finish(&mut self, from: String, to: Vec<String>, message: Option<Vec<u8>>) -> Result<Next> {
        let behaviour = self.shared.behaviour();
        let mail = message.map(|raw| Mail::read(from, to, raw));
        let reply = match (behaviour, mail) {
            (_, None) => "552 5.3.4 too large".to_owned(),
            (_, Some(None)) => "554 5.6.0 this is not a message".to_owned(),
            (Behaviour::RejectData(code), _) => format!("{code} {}.7.0 refused", code / 100),
            (Behaviour::DropBeforeReply, Some(Some(mail))) => {
                self.shared.keep(mail);
                return Ok(Next::Ends);
            }
            (_, Some(Some(mail))) => {
                self.shared.keep(mail);
                "250 2.0.0 kept".to_owned()
            }
        };
        self.reply(&reply).await?;
        Ok(Next::Goes)
    }

    /// The lines up to the single dot, with the stuffed dots removed (RFC 5321, 4.5.2); nothing if they are too many.
    async fn message(&mut self) -> Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut fits = true;
        while let Some(line) = self.line().await? {
            if line == b".\r\n" {
                return Ok(fits.then_some(message));
            }
            fits = fits && message.len() + line.len() <= MOST_BYTES;
            if fits {
                message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
        bail!("the client left in the middle of a message")
    }

    /// The next line with its end, or nothing when the client has gone.
    async fn line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        match line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(line)),
            Some(_) => bail!("a line has no end"),
        }
    }

    async fn reply(&mut self, text: &str) -> Result<()> {
        if let Behaviour::Tarpit(delay) = self.shared.behaviour() {
            tokio::time::sleep(delay).await;
        }
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
        Ok(())
    }
}

/// `FROM:<anna@example.org> SIZE=12` -> the address and the parameters
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(String, Vec<&'a str>)> {
    let head = rest.get(..keyword.len()).filter(|head| head.eq_ignore_ascii_case(keyword))?;
    let (address, parameters) = rest[head.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    Some((address.to_owned(), parameters.split_whitespace().collect()))
}
