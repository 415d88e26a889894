//! Bodies that arrive too slowly: a client that has sent a head and keeps its body back would hold a connection for good.
//!
//! The patience is for the whole body. One that starts again with each byte, as for instance tower-http's, can be had to last
//! for as long as somebody likes.

use crate::problem::ProblemDetails;
use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// Gives the body of a request so long to arrive; then whoever reads it gets an error, and the client 408.
pub(crate) async fn bound(patience: Duration, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let told = late.clone();
    let request = request.map(|body| Body::new(Bounded { body, end: Box::pin(sleep(patience)), late: told }));
    let response = next.run(request).await;
    if late.load(Ordering::Relaxed) { too_slow(response, patience) } else { response }
}

/// What the handler made of half a body is not what the client must hear; what every answer has in its head stays.
fn too_slow(response: Response, patience: Duration) -> Response {
    let detail = format!("the body did not arrive within {} seconds; nothing was changed", patience.as_secs());
    let problem = ProblemDetails::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "The request took too long", detail);
    let mut answer = problem.into_response();
    let mut headers = response.into_parts().0.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.extend(std::mem::take(answer.headers_mut()));
    // What arrives of the body after this is not another request.
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    *answer.headers_mut() = headers;
    answer
}

/// A body with an end to the patience for it.
struct Bounded {
    body: Body,
    end: Pin<Box<Sleep>>,
    late: Arc<AtomicBool>,
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.end.as_mut().poll(context).is_ready() {
            self.late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err("the body took too long".into())));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
