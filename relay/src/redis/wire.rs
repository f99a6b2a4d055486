//! How messages, answers and the word between relays are written in Redis, and read again.
//!
//! What is read was written by a relay, but maybe by one of another version: what is not understood is an error, no panic.

use std::sync::Arc;

use crate::hub::{ConnectionId, Draft, Frame, Position, Settlement};

/// What came over a channel's fan-out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Push {
    /// A message.
    Message {
        position: Position,
        /// Who published: a relay's name and its number for the publish.
        origin: Option<(String, u64)>,
        frame: Frame,
    },
    /// A change of presence, and its number.
    Presence { at: u64, frame: Frame },
    /// A passing word, and who does not get it: a relay's name and its connection.
    Signal { except: Option<(String, ConnectionId)>, frame: Frame },
}

/// A message without its offset.
pub(crate) fn write_draft(draft: &Draft) -> Vec<u8> {
    let (head, tail, bytes) = draft.parts();
    let kind = if bytes.is_some() { 'b' } else { 't' };
    let mut data = format!("{kind} {} {}\n{head}{tail}", head.len(), tail.len()).into_bytes();
    data.extend_from_slice(bytes.unwrap_or_default());
    data
}

pub(crate) fn read_draft(data: &[u8]) -> Option<Draft> {
    let (line, rest) = split_line(data)?;
    let mut words = line.split(' ');
    let (kind, head, tail) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let (head, rest) = rest.split_at_checked(head)?;
    let (tail, bytes) = rest.split_at_checked(tail)?;
    let (head, tail) = (std::str::from_utf8(head).ok()?, std::str::from_utf8(tail).ok()?);
    match kind {
        "t" if bytes.is_empty() => Draft::from_parts(head, tail, None),
        "b" => Draft::from_parts(head, tail, Some(bytes)),
        _ => None,
    }
}

pub(crate) fn write_signal(relay: &str, except: ConnectionId, frame: &Frame) -> Vec<u8> {
    let (kind, body) = match frame {
        Frame::Text(text) => ('t', text.as_bytes()),
        Frame::Binary(bytes) => ('b', &**bytes),
    };
    let mut data = format!("S {kind} {}\n", origin(relay, except.0)).into_bytes();
    data.extend_from_slice(body);
    data
}

/// A relay's name and one of its numbers.
pub(crate) fn origin(relay: &str, number: u64) -> String {
    format!("{relay}/{number}")
}

fn read_origin(word: &str) -> Option<(String, u64)> {
    let (relay, number) = word.rsplit_once('/')?;
    Some((relay.to_owned(), number.parse().ok()?))
}

pub(crate) fn read_push(data: &[u8]) -> Option<Push> {
    let (line, body) = split_line(data)?;
    let mut words = line.split(' ');
    match words.next()? {
        "M" => {
            let (offset, epoch) = (words.next()?.parse().ok()?, words.next()?.into());
            let origin = words.next().and_then(read_origin);
            let frame = read_draft(body)?.into_frame(offset);
            Some(Push::Message { position: Position { epoch, offset }, origin, frame })
        }
        "P" => {
            let at = words.next()?.parse().ok()?;
            Some(Push::Presence { at, frame: text_frame(body)? })
        }
        "S" => {
            let kind = words.next()?;
            let except = words.next().and_then(read_origin).map(|(relay, number)| (relay, ConnectionId(number)));
            let frame = if kind == "b" { Frame::binary(body) } else { text_frame(body)? };
            Some(Push::Signal { except, frame })
        }
        _ => None,
    }
}

/// The connection that this relay is to give up.
pub(crate) fn read_replaced(data: &[u8]) -> Option<ConnectionId> {
    let number = std::str::from_utf8(data).ok()?.strip_prefix("R ")?;
    Some(ConnectionId(number.parse().ok()?))
}

/// The kept answer to a publish into `p offset time epoch channel`, or to a refused one, `r frame`.
pub(crate) fn read_answer(answer: &str) -> Option<Settlement> {
    let (kind, rest) = answer.split_once(' ')?;
    match kind {
        "p" => {
            let mut words = rest.splitn(4, ' ');
            let (offset, time_ms) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let (epoch, channel): (Arc<str>, Arc<str>) = (words.next()?.into(), words.next()?.into());
            Some(Settlement::Published { channel, position: Position { epoch, offset }, time_ms })
        }
        "r" => Some(Settlement::Refused(Frame::text(rest))),
        _ => None,
    }
}

fn split_line(data: &[u8]) -> Option<(&str, &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&data[..end]).ok()?, &data[end + 1..]))
}

fn text_frame(body: &[u8]) -> Option<Frame> {
    std::str::from_utf8(body).ok().map(Frame::text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(bytes: Option<&[u8]>) -> Draft {
        Draft::from_parts("{\"offset\":", ",\"a\":\"\n\"}", bytes).unwrap()
    }

    #[test]
    fn a_message_reads_as_it_was_written_whether_text_or_bytes() {
        for draft in [draft(None), draft(Some(b"")), draft(Some(&[0, 255, b'\n']))] {
            let data = write_draft(&draft);
            assert_eq!(read_draft(&data), Some(draft.clone()));
            let push = [b"M 7 e_1-x relay/12\n", &data[..]].concat();
            let position = Position { epoch: "e_1-x".into(), offset: 7 };
            let origin = Some(("relay".to_owned(), 12));
            assert_eq!(read_push(&push), Some(Push::Message { position, origin, frame: draft.into_frame(7) }));
        }
    }

    #[test]
    fn a_signal_and_a_change_of_presence_read_as_they_were_written() {
        let except = Some(("relay".to_owned(), ConnectionId(3)));
        for frame in [Frame::text("{}"), Frame::binary(&[1, b'\n'][..])] {
            let push = read_push(&write_signal("relay", ConnectionId(3), &frame));
            assert_eq!(push, Some(Push::Signal { except: except.clone(), frame }));
        }
        assert_eq!(read_push(b"P 4\n{}"), Some(Push::Presence { at: 4, frame: Frame::text("{}") }));
        assert_eq!(read_replaced(b"R 9"), Some(ConnectionId(9)));
    }

    #[test]
    fn an_answer_reads_as_it_was_written_with_spaces_in_the_channel() {
        let position = Position { epoch: "e".into(), offset: 3 };
        let published = Settlement::Published { channel: "a b c".into(), position, time_ms: 5 };
        assert_eq!(read_answer("p 3 5 e a b c"), Some(published));
        assert_eq!(read_answer("r {\"a\": 1}"), Some(Settlement::Refused(Frame::text("{\"a\": 1}"))));
    }

    #[test]
    fn what_no_relay_writes_is_not_understood_and_breaks_nothing() {
        for data in [&b""[..], b"\n", b"M\n", b"M x e r/1\nt 0 0\n", b"M 1 e r/1\nt 9 9\n", b"P x\n", b"X 1\n", b"S"] {
            assert_eq!(read_push(data), None);
        }
        assert_eq!((read_answer(""), read_answer("p 1 2 e"), read_replaced(b"R")), (None, None, None));
    }
}
