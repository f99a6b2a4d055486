//! What the scripts answer, read. `None` for what no script of ours says.

use redis::Value;
use serde_json::value::RawValue;

use super::replica::Standing;
use super::wire::{read_answer, read_draft};
use crate::hub::{Attached, Outcome, Page, Position, Settlement, Snapshot};

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.as_bytes()),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    std::str::from_utf8(bytes(value)?).ok()
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        value => text(value)?.parse().ok(),
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

/// `fresh` and where, as `publish.lua` and `announce.lua` say it.
fn position(values: &[Value]) -> Option<Position> {
    let [_, offset, epoch] = values else { return None };
    Some(Position { epoch: text(epoch)?.into(), offset: number(offset)? })
}

/// Where a publish on the server's own account stands, now or since it came first.
pub(crate) fn published(value: &Value) -> Option<Position> {
    let fresh = |at: Option<Position>| Some(Settlement::Published { channel: "".into(), position: at?, time_ms: 0 });
    match outcome(value, fresh)? {
        Outcome::Fresh(Settlement::Published { position, .. })
        | Outcome::Again(Settlement::Published { position, .. }) => Some(position),
        _ => None,
    }
}

/// What became of a publish; `fresh` makes the settlement of a fresh one.
pub(crate) fn outcome(value: &Value, fresh: impl FnOnce(Option<Position>) -> Option<Settlement>) -> Option<Outcome> {
    let values = list(value)?;
    match text(values.first()?)? {
        "fresh" => Some(Outcome::Fresh(fresh(position(values))?)),
        "again" => Some(Outcome::Again(read_answer(text(values.get(1)?)?)?)),
        "forgotten" => Some(Outcome::Forgotten),
        "replaced" => Some(Outcome::Replaced),
        _ => None,
    }
}

pub(crate) fn attached(value: &Value) -> Option<Attached> {
    let [known, settled] = list(value)? else { return None };
    Some(Attached { resumed: number(known)? == 1, settled: number(settled) })
}

pub(crate) fn standing(value: &Value, presence: bool) -> Option<Standing> {
    let [epoch, latest, offset, recovered, changes, messages, views] = list(value)? else { return None };
    let first = number(offset)? + 1;
    let replay = list(messages)?.iter().zip(first..);
    let replay =
        replay.map(|(data, offset)| Some(read_draft(bytes(data)?)?.into_frame(offset))).collect::<Option<_>>()?;
    let snapshot = Snapshot {
        epoch: text(epoch)?.into(),
        offset: number(offset)?,
        latest: number(latest)?,
        recovered: number(recovered)? == 1,
        members: if presence { Some(members(views)?) } else { None },
        replay,
        since: Vec::new(),
    };
    Some(Standing { snapshot, changes: number(changes)? })
}

/// The members as a JSON array, in a steady order.
pub(crate) fn members(value: &Value) -> Option<Box<RawValue>> {
    let mut views = list(value)?.iter().map(text).collect::<Option<Vec<_>>>()?;
    views.sort_unstable();
    RawValue::from_string(format!("[{}]", views.join(","))).ok()
}

pub(crate) fn page(value: &Value) -> Option<Page> {
    let [epoch, more, messages] = list(value)? else { return None };
    let frame = |pair: &[Value]| match pair {
        [offset, data] => Some(read_draft(bytes(data)?)?.into_frame(number(offset)?)),
        _ => None,
    };
    let messages = list(messages)?.chunks(2).map(frame).collect::<Option<_>>()?;
    Some(Page { epoch: text(epoch)?.into(), messages, more: number(more)? == 1 })
}

/// Whether a member fitted in.
pub(crate) fn present(value: &Value) -> Option<bool> {
    match text(list(value)?.first()?)? {
        "present" => Some(true),
        "full" => Some(false),
        _ => None,
    }
}

/// Where a channel stands, how many changes of presence there were, and which members of this relay are missing.
pub(crate) fn tended(value: &Value) -> Option<(Position, u64, Vec<String>)> {
    let [epoch, latest, changes, missing] = list(value)? else { return None };
    let position = Position { epoch: text(epoch)?.into(), offset: number(latest)? };
    Some((position, number(changes)?, texts(missing)?))
}

pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    list(value)?.iter().map(|value| text(value).map(str::to_owned)).collect()
}
