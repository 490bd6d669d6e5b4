//! What is left of a request's body when its answer is known. A refusal needs no body, but the
//! connection does: the next request on it begins where the body ends.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::header::EXPECT;
use hyper::{Request, Version};
use tokio::time::timeout;

use crate::extract::MAX_BYTES;

/// So long an answer waits for the rest of the body that it does not need.
const LIMIT: Duration = Duration::from_secs(1);

/// A request whose body comes back when whoever answers lets go of it; where there is nothing that
/// could be left, the plain request.
pub(crate) fn lend(request: Request<Incoming>) -> (Request<Body>, Option<Rest>) {
    // Streams of HTTP/2 end one by one.
    if request.body().is_end_stream() || request.version() >= Version::HTTP_2 {
        return (request.map(Body::new), None);
    }
    let hesitates = request.headers().contains_key(EXPECT);
    let back = Arc::new(Mutex::new(None));
    let rest = Rest(back.clone());
    let request = request.map(|body| {
        Body::new(Lent {
            body: Some(body),
            hesitates,
            back,
        })
    });
    (request, Some(rest))
}

/// The place to which a body comes back.
pub(crate) struct Rest(Arc<Mutex<Option<Left>>>);

enum Left {
    Unread(Incoming),
    /// The client may still wait for the word to send it, which reading would be.
    Unsaid,
}

impl Rest {
    /// Reads the rest and throws it away, where it is small and comes soon. False: the connection
    /// is of no more use.
    pub(crate) async fn read(self) -> bool {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match left {
            // Read to the end, or still being read.
            None => true,
            Some(Left::Unsaid) => false,
            Some(Left::Unread(body)) => {
                let small = body.size_hint().lower() <= MAX_BYTES as u64;
                small && timeout(LIMIT, to_the_end(body)).await == Ok(true)
            }
        }
    }
}

async fn to_the_end(mut body: Incoming) -> bool {
    let mut read = 0;
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        match frame {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
        }
        if read > MAX_BYTES {
            return false;
        }
    }
}

struct Lent {
    /// None at its end.
    body: Option<Incoming>,
    hesitates: bool,
    back: Arc<Mutex<Option<Left>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(cx);
        if let Poll::Ready(None) = frame {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| !body.is_end_stream());
        let left = unread.map(|body| match self.hesitates {
            true => Left::Unsaid,
            false => Left::Unread(body),
        });
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }
}
