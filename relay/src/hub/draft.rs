//! A message that has everything but its offset, which only the broker can give it.

use serde::Serialize;

use super::answer::to_json;
use super::frame::{BINARY_HEADER_LIMIT, Frame, Payload};

/// The digits of the largest offset.
const OFFSET_DIGITS: usize = 20;

/// Who publishes, as receivers see it.
#[derive(Debug)]
pub(crate) struct Author<'a> {
    pub(crate) from: &'a str,
    pub(crate) sender: u64,
    pub(crate) id: u64,
    pub(crate) user: Option<&'a str>,
}

/// The text of a `message` without its offset, and its payload if that is bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    text: String,
    /// Where in the text the offset goes.
    hole: usize,
    bytes: Option<Vec<u8>>,
}

#[derive(Serialize)]
struct Head<'a> {
    r#type: &'static str,
    channel: &'a str,
    event: &'a str,
}

#[derive(Serialize)]
struct Tail<'a> {
    from: &'a str,
    sender: u64,
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    time: u64,
}

impl Draft {
    pub(crate) fn new(channel: &str, event: &str, author: &Author<'_>, time: u64, payload: Payload<'_>) -> Self {
        let Author { from, sender, id, user } = *author;
        let head = to_json(&Head { r#type: "message", channel, event });
        let tail = to_json(&Tail { from, sender, id, user, time });
        let size = head.len() + tail.len() + payload.size() + ",\"offset\":,\"payload\":".len() + OFFSET_DIGITS;
        let mut text = String::with_capacity(size);
        text.push_str(&head[..head.len() - 1]);
        text.push_str(r#","offset":"#);
        let hole = text.len();
        text.push(',');
        text.push_str(&tail[1..]);
        let bytes = match payload {
            Payload::Bytes(bytes) => Some(bytes.to_vec()),
            Payload::Json(json) => {
                text.pop();
                text.push_str(r#","payload":"#);
                text.push_str(json.get());
                text.push('}');
                None
            }
        };
        Self { text, hole, bytes }
    }

    /// The draft of these parts, as [`Draft::parts`] gave them. `None` when they make no frame.
    pub fn from_parts(head: &str, tail: &str, bytes: Option<&[u8]>) -> Option<Self> {
        let size = head.len() + OFFSET_DIGITS + tail.len();
        if bytes.is_some() && size > BINARY_HEADER_LIMIT {
            return None;
        }
        let mut text = String::with_capacity(size);
        text.push_str(head);
        text.push_str(tail);
        Some(Self { text, hole: head.len(), bytes: bytes.map(<[u8]>::to_vec) })
    }

    /// The text before the offset, the text after it, and the payload if that is bytes.
    pub fn parts(&self) -> (&str, &str, Option<&[u8]>) {
        let (head, tail) = self.text.split_at(self.hole);
        (head, tail, self.bytes.as_deref())
    }

    /// The frame under this offset.
    pub fn into_frame(self, offset: u64) -> Frame {
        let Self { mut text, hole, bytes } = self;
        text.insert_str(hole, &offset.to_string());
        match bytes {
            None => Frame::text(text),
            Some(bytes) => {
                Frame::from_parts(&text, &bytes).expect("names and numbers are shorter than the header limit")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn a_draft_becomes_the_same_frame_after_it_was_taken_apart() {
        let author = Author { from: "m", sender: 7, id: 3, user: Some("ann") };
        let json = RawValue::from_string(r#"{"a": 1}"#.into()).unwrap();
        let text = Draft::new("c", "e\"", &author, 5, Payload::Json(&json));
        let bytes = Draft::new("c", "e", &author, 5, Payload::Bytes(&[0, 255]));
        assert_eq!(
            text.clone().into_frame(9),
            Frame::text(
                r#"{"type":"message","channel":"c","event":"e\"","offset":9,"from":"m","sender":7,"id":3,"user":"ann","time":5,"payload":{"a": 1}}"#
            )
        );
        for draft in [text, bytes] {
            let (head, tail, payload) = draft.parts();
            assert_eq!(Draft::from_parts(head, tail, payload), Some(draft.clone()));
        }
        let long = "x".repeat(BINARY_HEADER_LIMIT);
        assert_eq!(Draft::from_parts(&long, "", Some(&[])), None);
    }
}
