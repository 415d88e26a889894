//! A body on its way out, counted by a bar.

use futures::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use indicatif::ProgressBar;
use std::convert::Infallible;

/// The body of a request.
pub(super) type Sent = BoxBody<Bytes, Infallible>;

/// So many bytes go out at once.
const PIECE: usize = 65_536;

pub(super) fn sent(body: Bytes, bar: &ProgressBar) -> Sent {
    if body.len() <= PIECE {
        bar.inc(body.len() as u64);
        return Full::new(body).boxed();
    }
    let bar = bar.clone();
    let pieces = (0..body.len()).step_by(PIECE).map(move |at| {
        let piece = body.slice(at..body.len().min(at + PIECE));
        bar.inc(piece.len() as u64);
        Ok(Frame::data(piece))
    });
    StreamBody::new(stream::iter(pieces)).boxed()
}
