//! Hostile clients, of every kind. While they do their worst, two well-behaved ones on the same relay keep exchanging
//! messages without a loss or a disconnect, and the memory of the relay stays under a stated bound and comes back.
//!
//! Short by default; `HOSTILE_SCALE=20` does everything twenty times, and prints the memory that was reached.

mod floods;
mod malformed;
mod readers;
mod slow;
mod storms;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;

use crate::harness::{Relay, soon};
use crate::raw::Raw;

const KB: u64 = 1_024;
const MB: u64 = 1_024 * KB;

/// What the relay may hold beside what its attackers make it hold: reading, writing, a history of what the two say.
const OWN: u64 = 16 * MB;

/// How many exchanges of the two an attack has to go on for.
const ROUNDS: u64 = 25;

/// How many times as much as in a short run.
fn scale() -> usize {
    std::env::var("HOSTILE_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// How many bytes more the relay may hold while so many attackers are there, if each may make it hold so much.
fn bound(attackers: usize, each: u64) -> u64 {
    OWN + attackers as u64 * each
}

/// A relay under attack.
struct Siege<'a> {
    relay: &'a Relay,
    pair: Pair,
}

impl<'a> Siege<'a> {
    async fn of(relay: &'a Relay) -> Self {
        let (ann, bob) = (Raw::join(relay, "good-ann").await, Raw::join(relay, "good-bob").await);
        Self { relay, pair: Pair::of(ann, bob).await }
    }

    /// Repeats `attack` while the two go on, and for one time at least. `bound`: how many bytes more than before the relay
    /// may hold; half of it is what the allocator may keep for itself afterwards. `attack` closes what it opens.
    async fn withstands(mut self, bound: u64, mut attack: impl AsyncFnMut()) {
        self.pair.rounds(5).await;
        let before = self.relay.resident_bytes();
        let until = self.pair.made() + ROUNDS * scale() as u64;
        let peak = Arc::new(AtomicU64::new(before));
        let rounds = self.pair.rounds.clone();
        let attacking = async {
            loop {
                attack().await;
                if rounds.load(Ordering::Relaxed) >= until {
                    return;
                }
            }
        };
        let measuring = measure(self.relay, before + bound, peak.clone());
        tokio::select! {
            () = attacking => {}
            ended = &mut self.pair.task => panic!("the two were disturbed: {ended:?}"),
            held = measuring => panic!("{} MB before, {} MB under attack", before / MB, held / MB),
        }
        self.pair.rounds(ROUNDS).await;
        self.relay.counts("all attackers are gone", |metrics| metrics.get("connections") == 2.0).await;
        let mut held = 0;
        self.relay
            .until("the memory comes back", async || {
                held = self.relay.resident_bytes();
                held <= before + bound / 2
            })
            .await;
        if scale() > 1 {
            let peak = peak.load(Ordering::Relaxed);
            eprintln!("{} MB before, {} MB at worst, {} MB after", before / MB, peak / MB, held / MB);
        }
    }
}

/// Ends when the relay holds more than it may.
async fn measure(relay: &Relay, most: u64, peak: Arc<AtomicU64>) -> u64 {
    loop {
        let held = relay.resident_bytes();
        peak.fetch_max(held, Ordering::Relaxed);
        if held > most {
            return held;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Two clients that say something to each other in turn, and miss nothing.
struct Pair {
    task: JoinHandle<()>,
    rounds: Arc<AtomicU64>,
}

impl Pair {
    async fn of<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(mut ann: Raw<S>, mut bob: Raw<S>) -> Self {
        for client in [&mut ann, &mut bob] {
            client.say(&json!({"type":"subscribe","channel":"good"})).await.expect("sent");
            assert_eq!(client.hear().await.expect("an answer")["type"], "subscribed");
        }
        let rounds = Arc::<AtomicU64>::default();
        let made = rounds.clone();
        let task = tokio::spawn(async move {
            for id in 1.. {
                for (offset, turn) in [(2 * id - 1, 0), (2 * id, 1)] {
                    let (speaker, listener) = if turn == 0 { (&mut ann, &mut bob) } else { (&mut bob, &mut ann) };
                    let message = json!({"type":"publish","id":id,"channel":"good","event":"e","payload":offset});
                    speaker.say(&message).await.expect("sent");
                    let ack = speaker.hear().await.expect("an ack");
                    assert_eq!((&ack["type"], &ack["offset"]), (&json!("ack"), &json!(offset)), "{ack}");
                    for client in [speaker, listener] {
                        let heard = client.hear().await.expect("a message");
                        assert_eq!((&heard["offset"], &heard["payload"]), (&json!(offset), &json!(offset)), "{heard}");
                    }
                }
                made.store(id, Ordering::Relaxed);
                // Slower than the rate it may have.
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        });
        Self { task, rounds }
    }

    fn made(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Waits until they have made so many more.
    async fn rounds(&mut self, more: u64) {
        let until = self.made() + more;
        soon(async {
            while self.made() < until {
                assert!(!self.task.is_finished(), "the two were disturbed");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.task.abort();
    }
}
