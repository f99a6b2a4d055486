//! What must hold: the server's history as its acknowledgements tell it, and what each listener heard of it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Damage to what an application hears, to see that the model finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// A message is heard twice.
    Twice,
    /// A message is not heard.
    Lost,
    /// A message is heard after its successor.
    Swapped,
    /// A message comes with the payload of another.
    Mixed,
    /// A gap is not reported.
    Silent,
}

impl Sabotage {
    pub(crate) const ALL: [Self; 5] = [Self::Twice, Self::Lost, Self::Swapped, Self::Mixed, Self::Silent];
}

/// What happened in a run, so that a run in which nothing happens is noticed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) published: u64,
    pub(crate) acked: u64,
    pub(crate) failed: u64,
    pub(crate) heard: u64,
    pub(crate) gaps: u64,
    pub(crate) duplicates: u64,
    pub(crate) requeued: u64,
    pub(crate) connections: u64,
    pub(crate) restarts: u64,
    pub(crate) reloads: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Self) {
        self.published += other.published;
        self.acked += other.acked;
        self.failed += other.failed;
        self.heard += other.heard;
        self.gaps += other.gaps;
        self.duplicates += other.duplicates;
        self.requeued += other.requeued;
        self.connections += other.connections;
        self.restarts += other.restarts;
        self.reloads += other.reloads;
    }

    pub(crate) fn assert_that_something_happened(&self) {
        let all = [
            self.published,
            self.acked,
            self.failed,
            self.heard,
            self.gaps,
            self.duplicates,
            self.requeued,
            self.connections,
            self.restarts,
            self.reloads,
        ];
        assert!(all.iter().all(|count| *count > 0), "{self:?}");
    }
}

/// The truth about all channels.
#[derive(Default)]
pub(crate) struct Model {
    /// By channel and epoch: what stands at each offset.
    history: BTreeMap<(String, String), BTreeMap<u64, String>>,
    /// The epoch each channel has now, as far as it is known.
    epochs: BTreeMap<String, String>,
    listeners: BTreeMap<(usize, String), Listener>,
    /// Whether a gap may be: after a restart, or with a short history.
    gaps_allowed: bool,
    pub(crate) totals: Totals,
}

/// What one application heard in one channel since it began to want it.
#[derive(Default)]
struct Listener {
    epoch: Option<String>,
    /// The epoch that begins after the gap that has to follow.
    next_epoch: Option<String>,
    position: u64,
    heard: BTreeSet<String>,
    /// What a gap told to be missing perhaps: it may also be passed over when it comes again in another epoch.
    excused: BTreeSet<String>,
    last_of: BTreeMap<String, u64>,
}

impl Model {
    pub(crate) fn new(gaps_allowed: bool) -> Self {
        Self { gaps_allowed, ..Self::default() }
    }

    /// The server published this.
    pub(crate) fn published(&mut self, channel: &str, epoch: &str, offset: u64, payload: &str) {
        let history = self.history.entry((channel.to_owned(), epoch.to_owned())).or_default();
        let before = history.insert(offset, payload.to_owned());
        assert!(before.is_none_or(|before| before == payload), "one message at each place");
        let copies = history.values().filter(|other| *other == payload).count();
        assert_eq!(copies, 1, "{payload} was published twice in {channel} {epoch}");
        self.epochs.insert(channel.to_owned(), epoch.to_owned());
    }

    /// The server lost its memory.
    pub(crate) fn restarted(&mut self) {
        self.epochs.clear();
        self.gaps_allowed = true;
        self.totals.restarts += 1;
    }

    pub(crate) fn wants(&mut self, peer: usize, channel: &str) {
        self.listeners.entry((peer, channel.to_owned())).or_default();
    }

    pub(crate) fn leaves(&mut self, peer: usize, channel: &str) {
        self.listeners.remove(&(peer, channel.to_owned()));
    }

    /// An application heard this.
    pub(crate) fn heard(&mut self, peer: usize, event: &Value) {
        match event["event"].as_str() {
            Some("acked") => return self.totals.acked += 1,
            Some("failed") => return self.totals.failed += 1,
            Some("requeued") => return self.totals.requeued += 1,
            Some("subscribed" | "gap" | "message") => {}
            _ => return,
        }
        let channel = event["channel"].as_str().expect("a channel").to_owned();
        let it = format!("peer {peer} in {channel}: {event}");
        if std::env::var_os("SIM_TRACE").is_some() {
            eprintln!("{it}");
        }
        let listener = self.listeners.get_mut(&(peer, channel.clone()));
        let listener = listener.unwrap_or_else(|| panic!("nobody wants it: {it}"));
        match event["event"].as_str() {
            Some("subscribed") => {
                let epoch: String =
                    serde_json::from_str(event["epoch"].as_str().expect("an epoch")).expect("a quoted epoch");
                match event["recovered"].as_str() {
                    Some("first") => {
                        assert_eq!(listener.epoch, None, "{it}");
                        listener.position = event["offset"].as_u64().expect("an offset");
                        // From before it was wanted, should it come again in another epoch.
                        let before = self.history.get(&(channel, epoch.clone()));
                        listener.excuse(before, 0, listener.position + 1);
                    }
                    Some("yes") => assert_eq!(listener.epoch.as_ref(), Some(&epoch), "{it}"),
                    _ => return listener.next_epoch = Some(epoch),
                }
                listener.epoch = Some(epoch);
            }
            Some("gap") => {
                assert!(self.gaps_allowed, "nothing was lost, and yet a gap: {it}");
                let held = event["held"].as_u64().expect("an offset");
                let epoch = listener.epoch.clone().expect("a gap comes after a subscription");
                let next = event["next"].as_u64().expect("an offset");
                let place = (channel.clone(), epoch);
                if held > listener.position {
                    listener.skip_to(held + 1, &self.history[&place], &it);
                }
                assert!(held >= listener.position, "{it}, position {}", listener.position);
                listener.position = next - 1;
                match listener.next_epoch.take() {
                    Some(epoch) => {
                        listener.excuse(self.history.get(&place), held + 1, u64::MAX);
                        listener.excuse(self.history.get(&(channel, epoch.clone())), 0, next);
                        listener.epoch = Some(epoch);
                    }
                    None => listener.excuse(self.history.get(&place), held + 1, next),
                }
                self.totals.gaps += 1;
            }
            _ => {
                assert_eq!(listener.next_epoch, None, "a message before the gap was told: {it}");
                let offset = event["offset"].as_u64().expect("an offset");
                let payload = event["payload"].to_string();
                let epoch = listener.epoch.clone().expect("a message comes after its subscription");
                let history = self.history.get(&(channel, epoch)).unwrap_or_else(|| panic!("no history: {it}"));
                assert!(offset > listener.position, "old or out of order: {it}, position {}", listener.position);
                listener.skip_to(offset, history, &it);
                assert_eq!(history.get(&offset), Some(&payload), "{it}");
                listener.hear(&payload, &it);
                listener.position = offset;
                self.totals.heard += 1;
            }
        }
    }

    /// All is quiet and everybody is connected: nobody may lack anything.
    pub(crate) fn assert_complete(&self) {
        for ((peer, channel), listener) in &self.listeners {
            let it = format!("peer {peer} in {channel} at the end");
            let Some(current) = self.epochs.get(channel) else { continue };
            assert_eq!(listener.epoch.as_ref(), Some(current), "{it}");
            let history = &self.history[&(channel.clone(), current.clone())];
            let end = history.keys().last().expect("it has an epoch because something was published") + 1;
            if end > listener.position {
                listener.skip_to(end, history, &it);
            }
        }
    }
}

impl Listener {
    fn excuse(&mut self, history: Option<&BTreeMap<u64, String>>, from: u64, before: u64) {
        let missing = history.into_iter().flat_map(|history| history.range(from..before.max(from)));
        self.excused.extend(missing.map(|(_, payload)| payload.clone()));
    }

    /// What is passed over without a word must have been heard before, or told to be missing.
    fn skip_to(&self, offset: u64, history: &BTreeMap<u64, String>, it: &str) {
        for (missing, payload) in history.range(self.position + 1..offset) {
            let known = self.heard.contains(payload) || self.excused.contains(payload);
            assert!(known, "{payload} at {missing} is missing: {it}, position {}", self.position);
        }
    }

    fn hear(&mut self, payload: &str, it: &str) {
        assert!(self.heard.insert(payload.to_owned()), "heard twice: {it}");
        let (sender, number) = payload.trim_matches(['[', ']']).split_once(',').expect("[sender,number]");
        let number: u64 = number.parse().expect("a number");
        let last = self.last_of.insert(sender.to_owned(), number);
        assert!(last.is_none_or(|last| last < number), "out of its sender's order, {last:?} before: {it}");
    }
}
