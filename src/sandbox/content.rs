//! The body of an answer: whole, or cut off.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

use super::requests::Hangup;

/// A body that is in memory, and that may break off after its last byte.
pub(super) struct Content {
    bytes: Option<Bytes>,
    end: End,
}

enum End {
    Whole,
    /// The connection breaks, but not before what there is was sent.
    Cut {
        flushed: bool,
    },
}

impl Content {
    pub fn whole(text: String) -> Content {
        Content {
            bytes: Some(text.into()).filter(|bytes: &Bytes| !bytes.is_empty()),
            end: End::Whole,
        }
    }

    /// Sends these bytes and then closes the connection, whatever the header promised.
    pub fn cut(bytes: Vec<u8>) -> Content {
        Content {
            bytes: Some(bytes.into()),
            end: End::Cut { flushed: false },
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &mut self.end {
            End::Whole => Poll::Ready(None),
            // What is written so far is flushed when a body has nothing ready, and is dropped when it fails.
            End::Cut { flushed } if !*flushed => {
                *flushed = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut { .. } => Poll::Ready(Some(Err(Hangup))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Whole => SizeHint::with_exact(self.bytes.as_ref().map_or(0, |b| b.len() as u64)),
            End::Cut { .. } => SizeHint::default(),
        }
    }
}
