//! What travels on a websocket: one text or one binary frame, and the layout of a binary one.
//!
//! Decides whether a frame is well formed on the outside. What its fields mean is `message.rs`'s matter.

use std::sync::Arc;

use serde_json::value::RawValue;

/// The deepest nesting of objects and arrays a frame may have; the frame's own object counts as one.
pub const DEPTH_LIMIT: usize = 64;

/// The most bytes the header of a binary frame may have.
pub const BINARY_HEADER_LIMIT: usize = 8_192;

const BINARY_LAYOUT: u8 = 1;
const BINARY_PREFIX: usize = 3;

/// One websocket message, cheap to clone: a fan-out shares one allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// One JSON object.
    Text(Arc<str>),
    /// One JSON object and one binary payload together (section 7 of the protocol).
    Binary(Arc<[u8]>),
}

impl Frame {
    /// A text frame.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A binary frame, with its layout already in the bytes.
    pub fn binary(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Binary(bytes.into())
    }

    /// The binary frame of `header`, a JSON object without `payload`, and `payload`.
    ///
    /// `None` when the header is empty or longer than [`BINARY_HEADER_LIMIT`].
    pub fn from_parts(header: &str, payload: &[u8]) -> Option<Self> {
        if header.is_empty() || header.len() > BINARY_HEADER_LIMIT {
            return None;
        }
        let length = u16::try_from(header.len()).ok()?;
        let mut bytes = Vec::with_capacity(BINARY_PREFIX + header.len() + payload.len());
        bytes.push(BINARY_LAYOUT);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(payload);
        Some(Self::Binary(bytes.into()))
    }

    /// Its size in bytes, as the limits count it.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// What a publish or a signal carries: JSON text as it came, or bytes.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// JSON text, passed on byte for byte: never parsed into values, so nothing in it can change.
    Json(&'a RawValue),
    /// The payload of a binary frame.
    Bytes(&'a [u8]),
}

impl Payload<'_> {
    /// Its size in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Json(json) => json.get().len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Splits a frame into the JSON text of its header and its binary payload. The error says what is wrong with it.
pub(crate) fn split(frame: &Frame) -> Result<(&str, Option<&[u8]>), &'static str> {
    let (header, payload) = match frame {
        Frame::Text(text) => (&**text, None),
        Frame::Binary(bytes) => {
            let (header, payload) = split_binary(bytes)?;
            (header, Some(payload))
        }
    };
    if !header.trim_ascii_start().starts_with('{') {
        return Err("frame: expected one JSON object");
    }
    if !within_depth(header, DEPTH_LIMIT) {
        return Err("frame: nested deeper than 64");
    }
    Ok((header, payload))
}

fn split_binary(bytes: &[u8]) -> Result<(&str, &[u8]), &'static str> {
    let [layout, high, low, rest @ ..] = bytes else {
        return Err("frame: a binary frame needs a layout byte, a header length and a header");
    };
    if *layout != BINARY_LAYOUT {
        return Err("frame: expected layout version 1 in the first byte of a binary frame");
    }
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length == 0 || length > BINARY_HEADER_LIMIT {
        return Err("frame: expected a header length from 1 to 8192");
    }
    let (header, payload) =
        rest.split_at_checked(length).ok_or("frame: the header length points beyond the end of the frame")?;
    let header = std::str::from_utf8(header).map_err(|_| "frame: expected a header in UTF-8")?;
    Ok((header, payload))
}

/// Whether no object or array in this JSON text stands deeper than `limit`.
pub(crate) fn within_depth(json: &str, limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in json.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_strings_do_not_count_as_nesting() {
        assert!(within_depth(r#"{"a":"[[[[\"[[[["}"#, 1));
        assert!(!within_depth(r#"{"a":"\\",[]}"#, 1));
    }

    #[test]
    fn sixty_four_levels_pass_and_sixty_five_do_not() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(within_depth(&nested(64), DEPTH_LIMIT));
        assert!(!within_depth(&nested(65), DEPTH_LIMIT));
    }

    #[test]
    fn a_binary_frame_splits_into_the_parts_it_was_made_of() {
        let frame = Frame::from_parts(r#"{"type":"signal"}"#, &[0, 255, 7]).unwrap();
        assert_eq!(split(&frame).unwrap(), (r#"{"type":"signal"}"#, Some(&[0, 255, 7][..])));
        assert_eq!(frame.size(), 3 + 17 + 3);
    }

    #[test]
    fn a_header_too_long_for_the_layout_makes_no_frame() {
        assert!(Frame::from_parts(&" ".repeat(BINARY_HEADER_LIMIT + 1), b"").is_none());
        assert!(Frame::from_parts("", b"").is_none());
    }
}
