//! How many unknown links one client may try. Known links are never counted.

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

/// So many in one window.
const MAX_UNKNOWN: u32 = 30;
/// The length of a window, in milliseconds.
const WINDOW_MS: i64 = 60_000;
/// So many clients are remembered. Beyond that the newcomers share one place, so that memory is bounded.
const MAX_CLIENTS: usize = 10_000;

/// The unknown links of the last minute, by client.
#[derive(Debug, Default)]
pub(super) struct UnknownLinks(Mutex<HashMap<IpAddr, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    since_ms: i64,
    count: u32,
}

impl Window {
    fn is_over(self, now_ms: i64) -> bool {
        !(0..WINDOW_MS).contains(&now_ms.saturating_sub(self.since_ms))
    }
}

impl UnknownLinks {
    /// Counts one. `Err` is how long to wait, in seconds, when there were too many.
    pub(super) fn count(&self, client: IpAddr, now_ms: i64) -> Result<(), u64> {
        // A panic elsewhere leaves counters that are still counters.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let client = place(&mut windows, client, now_ms);
        let window = windows.entry(client).or_insert(Window { since_ms: now_ms, count: 0 });
        if window.is_over(now_ms) {
            *window = Window { since_ms: now_ms, count: 0 };
        }
        window.count = window.count.saturating_add(1);
        if window.count <= MAX_UNKNOWN {
            return Ok(());
        }
        let left_ms = window.since_ms + WINDOW_MS - now_ms;
        Err(u64::try_from(left_ms).unwrap_or(0).div_ceil(1_000))
    }
}

/// Under which address a client is counted.
fn place(windows: &mut HashMap<IpAddr, Window>, client: IpAddr, now_ms: i64) -> IpAddr {
    if windows.len() >= MAX_CLIENTS && !windows.contains_key(&client) {
        windows.retain(|_, window| !window.is_over(now_ms));
    }
    if windows.len() >= MAX_CLIENTS && !windows.contains_key(&client) { NOBODY } else { client }
}

const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The client's address: of an IPv6 one the network, because one customer has the whole of it. Forwarding headers are
/// not read: whoever sends them chooses what they say.
pub(super) fn client(extensions: &Extensions) -> IpAddr {
    match extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Some(address) => address,
        None => NOBODY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n))
    }

    #[test]
    fn thirty_a_minute_pass() {
        let limit = UnknownLinks::default();
        for _ in 0..MAX_UNKNOWN {
            assert_eq!(limit.count(address(1), 5_000), Ok(()));
        }
        assert_eq!(limit.count(address(1), 5_001), Err(60));
        assert_eq!(limit.count(address(2), 5_001), Ok(()));
        assert_eq!(limit.count(address(1), 64_500), Err(1));
        assert_eq!(limit.count(address(1), 65_000), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let limit = UnknownLinks::default();
        for n in 0..u32::try_from(MAX_CLIENTS).unwrap() + 100 {
            let _ = limit.count(address(n), 0);
        }
        assert_eq!(limit.0.lock().unwrap().len(), MAX_CLIENTS + 1);
        assert!(limit.count(address(4_000_000), 1).is_err(), "newcomers share a place");
        assert_eq!(limit.count(address(4_000_000), WINDOW_MS), Ok(()));
        assert!(limit.0.lock().unwrap().len() < 3);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let seen = |text: &str| {
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(SocketAddr::new(text.parse().unwrap(), 1)));
            client(&extensions).to_string()
        };
        assert_eq!(seen("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(seen("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
