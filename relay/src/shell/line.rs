//! A line: what goes from the hub task to one websocket.
//!
//! Decides when a reader is too slow. A queue of frames is cheap, as frames are shared, but it may not grow for ever. Two
//! marks: above the lower one the client is not listened to until it has read, so that its own requests cannot fill
//! the queue; above the higher one it is cut. Between them there is room for one full replay. When all queues together
//! hold too much, whoever is above the lower mark is cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

use super::counters::{Counters, ShellLimit};
use crate::hub::{Frame, HubConfig};

/// The lower mark: from here on the client is not listened to.
const PAUSE_FRAMES: usize = 1_024;
const PAUSE_BYTES: usize = 1_024 * 1_024;

/// What other clients may add to that, besides one full replay, before the line is cut.
const LIVE_FRAMES: usize = 4_096;
const LIVE_BYTES: usize = 4 * 1_024 * 1_024;

/// What to write.
#[derive(Debug)]
pub(crate) enum Item {
    Frame(Frame),
    /// Whatever the websocket layer itself has to say: its answer to a ping.
    Control,
    Close {
        code: u16,
        reason: &'static str,
    },
}

/// What becomes of a websocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes on.
    Live,
    /// It ends by a close frame, and is cut if that takes too long.
    Closing,
    /// It read too slowly: what is queued is thrown away, and a close frame says so.
    TooSlow,
    /// It is cut now, without a word.
    Cut,
}

/// How much is queued.
#[derive(Debug)]
struct Backlog {
    frames: AtomicUsize,
    bytes: AtomicUsize,
    drained: Notify,
    counters: Arc<Counters>,
}

impl Backlog {
    /// Adds a frame; the bytes of all queues together come back.
    fn add(&self, bytes: usize) -> usize {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.counters.queue_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    fn take(&self, bytes: usize) {
        self.frames.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.counters.queue_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.drained.notify_one();
    }

    fn level(&self) -> (usize, usize) {
        (self.frames.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.counters.queue_bytes.fetch_sub(*self.bytes.get_mut(), Ordering::Relaxed);
    }
}

/// The hub task's end.
#[derive(Debug)]
pub(crate) struct Line {
    queue: mpsc::UnboundedSender<Item>,
    backlog: Arc<Backlog>,
    fate: watch::Sender<Fate>,
    stalled: watch::Sender<Option<Instant>>,
    frames_limit: usize,
    bytes_limit: usize,
    total_limit: usize,
}

impl Line {
    /// Queues a frame.
    ///
    /// # Errors
    ///
    /// The limit that is met: the reader is too slow, and the line is cut.
    pub(crate) fn send(&self, frame: Frame) -> Result<(), ShellLimit> {
        let total = self.backlog.add(frame.size());
        let (frames, bytes) = self.backlog.level();
        let limit = if frames > self.frames_limit || bytes > self.bytes_limit {
            ShellLimit::Queue
        } else if total > self.total_limit && bytes > PAUSE_BYTES {
            ShellLimit::QueueTotal
        } else {
            let _ = self.queue.send(Item::Frame(frame));
            return Ok(());
        };
        self.fate.send_replace(Fate::TooSlow);
        Err(limit)
    }

    /// Has the websocket layer say what it has to, in its turn: until then it counts as a frame, so that a client which
    /// pings and never reads is not listened to any more.
    pub(crate) fn control(&self) {
        self.backlog.add(0);
        let _ = self.queue.send(Item::Control);
    }

    /// Closes it after everything queued before.
    pub(crate) fn close(&self, code: u16, reason: &'static str) {
        let _ = self.queue.send(Item::Close { code, reason });
        self.fate.send_replace(Fate::Closing);
    }

    /// Ends it without a close frame, as a broken network would.
    pub(crate) fn cut(&self) {
        self.fate.send_replace(Fate::Cut);
    }

    /// Neither reads nor writes until then, as a stalled network would.
    pub(crate) fn stall(&self, until: Instant) {
        self.stalled.send_replace(Some(until));
    }
}

/// The websocket's end: what its writer takes from.
#[derive(Debug)]
pub(crate) struct Queue {
    items: mpsc::UnboundedReceiver<Item>,
    backlog: Arc<Backlog>,
}

impl Queue {
    pub(crate) async fn next(&mut self) -> Option<Item> {
        let item = self.items.recv().await?;
        match &item {
            Item::Frame(frame) => self.backlog.take(frame.size()),
            Item::Control => self.backlog.take(0),
            Item::Close { .. } => {}
        }
        Some(item)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// The websocket's end: what its reader and its guard look at.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    backlog: Arc<Backlog>,
    fate: watch::Receiver<Fate>,
    stalled: watch::Receiver<Option<Instant>>,
}

impl Signals {
    pub(crate) fn fate(&self) -> Fate {
        *self.fate.borrow()
    }

    /// Waits until the fate is another one than `Live`. A hub task that is gone cuts.
    pub(crate) async fn doomed(&mut self) -> Fate {
        self.fate.wait_for(|fate| *fate != Fate::Live).await.map_or(Fate::Cut, |fate| *fate)
    }

    /// Waits until the client has read enough to be listened to.
    pub(crate) async fn caught_up(&self) {
        loop {
            let drained = self.backlog.drained.notified();
            let (frames, bytes) = self.backlog.level();
            if frames <= PAUSE_FRAMES && bytes <= PAUSE_BYTES {
                return;
            }
            drained.await;
        }
    }

    /// Waits while the line is stalled.
    pub(crate) async fn flowing(&mut self) {
        loop {
            let until = *self.stalled.borrow_and_update();
            let Some(until) = until.filter(|until| *until > Instant::now()) else { return };
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                changed = self.stalled.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// A new line, from the hub task to a websocket. `total_limit`: how many bytes may wait in all queues together.
pub(crate) fn line(config: &HubConfig, total_limit: usize, counters: Arc<Counters>) -> (Line, Queue, Signals) {
    let (queue, items) = mpsc::unbounded_channel();
    let (fate, fate_seen) = watch::channel(Fate::Live);
    let (stalled, stalled_seen) = watch::channel(None);
    let drained = Notify::new();
    let backlog = Arc::new(Backlog { frames: AtomicUsize::new(0), bytes: AtomicUsize::new(0), drained, counters });
    let line = Line {
        queue,
        backlog: backlog.clone(),
        fate,
        stalled,
        frames_limit: PAUSE_FRAMES + config.history_size + LIVE_FRAMES,
        bytes_limit: PAUSE_BYTES + config.history_bytes + LIVE_BYTES,
        total_limit,
    };
    let signals = Signals { backlog: backlog.clone(), fate: fate_seen, stalled: stalled_seen };
    (line, Queue { items, backlog }, signals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(config: &HubConfig) -> (Line, Queue, Signals) {
        line(config, usize::MAX, Arc::default())
    }

    #[tokio::test]
    async fn a_reader_that_never_reads_is_cut_at_the_limit() {
        let config = HubConfig { history_size: 0, ..HubConfig::default() };
        let (line, _queue, signals) = new(&config);
        let frame = Frame::text("x");
        let taken = (0..10_000).take_while(|_| line.send(frame.clone()).is_ok()).count();
        assert_eq!(taken, PAUSE_FRAMES + LIVE_FRAMES);
        assert_eq!(signals.fate(), Fate::TooSlow);
    }

    #[tokio::test]
    async fn bytes_count_as_frames_do() {
        let (line, _queue, signals) = new(&HubConfig::default());
        let frame = Frame::binary(vec![0; 1_024 * 1_024]);
        assert_eq!((0..100).take_while(|_| line.send(frame.clone()).is_ok()).count(), 9);
        assert_eq!(signals.fate(), Fate::TooSlow);
    }

    #[tokio::test]
    async fn when_all_queues_are_too_much_the_long_ones_are_cut_and_no_byte_is_counted_after_that() {
        let counters = Arc::<Counters>::default();
        let new = || line(&HubConfig::default(), 3 * 1_024 * 1_024, counters.clone());
        let (long, short) = (new(), new());
        let frame = Frame::binary(vec![0; 1_024 * 1_024]);
        assert!((0..3).all(|_| long.0.send(frame.clone()).is_ok()));
        assert_eq!(short.0.send(frame.clone()), Ok(()));
        assert_eq!(long.0.send(frame.clone()), Err(ShellLimit::QueueTotal));
        assert_eq!((short.2.fate(), long.2.fate()), (Fate::Live, Fate::TooSlow));
        drop((long, short));
        assert_eq!(counters.queue_bytes.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_client_is_not_listened_to_until_it_has_read() {
        let (line, mut queue, signals) = new(&HubConfig::default());
        for _ in 0..PAUSE_FRAMES {
            line.send(Frame::text("x")).unwrap();
        }
        line.control();
        let waiting = tokio::spawn(async move { signals.caught_up().await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert!(queue.next().await.is_some());
        waiting.await.unwrap();
    }
}
