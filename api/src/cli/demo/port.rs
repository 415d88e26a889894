//! Where the demo listens. Links in mails name the port, so a demo that is started again keeps the port that it had.

use axum::http::Uri;
use serde_json::Value;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

/// Where to listen, and what is to be said about it.
pub(super) struct Place {
    pub(super) listen: SocketAddr,
    /// That links of earlier mails lead nowhere.
    pub(super) remark: Option<String>,
}

/// The port that was asked for; for 0 the one of the last start on this folder, if it is free.
pub(super) fn place(folder: &Path, port: u16) -> Place {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let before = if port == 0 { before(folder) } else { None };
    match before {
        Some(before) if is_free(at(before)) => Place { listen: at(before), remark: None },
        Some(before) => {
            let remark = format!(
                "Port {before} of the last start is taken, so another one is used: links in mails from before lead nowhere.\n\
                 End what listens there and start again to have them back.\n"
            );
            Place { listen: at(0), remark: Some(remark) }
        }
        None => Place { listen: at(port), remark: None },
    }
}

/// The port in the `base_url` of `demo.json`.
fn before(folder: &Path) -> Option<u16> {
    let text = fs::read_to_string(folder.join("demo.json")).ok()?;
    let demo = serde_json::from_str::<Value>(&text).ok()?;
    demo.get("base_url")?.as_str()?.parse::<Uri>().ok()?.port_u16()
}

/// Somebody may take it between this look and the real start, which then says that it cannot listen there.
fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}
