//! Storms: what is allowed once, done without end.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{KB, MB, Siege, bound, scale};
use crate::harness::Relay;
use crate::raw::{Raw, TEXT, frame};

/// The `--queue-total` below: what the relay may hold for slow readers.
const QUEUES: u64 = 32 * MB;

fn text(message: &Value) -> Vec<u8> {
    frame(TEXT, message.to_string().as_bytes())
}

/// Sends all of it, and reads what comes or does not.
async fn storm(raw: Raw, bytes: &[u8], reads: bool) {
    let (mut reader, mut writer) = raw.stream.into_split();
    let writing = async {
        let _ = writer.write_all(bytes).await;
        let _ = writer.shutdown().await;
    };
    if reads {
        let mut nowhere = tokio::io::sink();
        let _ = tokio::join!(writing, tokio::io::copy(&mut reader, &mut nowhere));
    } else {
        // A relay that does not listen any more is not waited for.
        tokio::select! {
            () = writing => {}
            () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribe_storms_with_replays() {
    let relay = Relay::start(&["--open", "--channels", "500", "--queue-total", "33554432"]);
    let (mut loud, _) = relay.join("l").await;
    for id in 1..=60 {
        let payload = "x".repeat(30_000);
        loud.say(json!({"type":"publish","id":id,"channel":"loud","event":"e","payload":payload})).await;
        assert_eq!(loud.hear().await["type"], "ack");
    }
    loud.close().await;
    let siege = Siege::of(&relay).await;
    let everything = text(&json!({"type":"subscribe","channel":"loud","epoch":"lost","offset":0,"presence":true}));
    siege
        .withstands(QUEUES + bound(12 * scale(), 256 * KB), async || {
            join_all((0..12 * scale()).map(async |attacker| {
                let Some(raw) = Raw::join_from(&relay, 2, &format!("sub-{attacker}")).await else { return };
                let bytes = match attacker % 3 {
                    0 => everything.repeat(100),
                    1 => (0..400)
                        .flat_map(|number| text(&json!({"type":"subscribe","channel":format!("{attacker}-{number}")})))
                        .collect(),
                    _ => (0..200)
                        .flat_map(|number| {
                            let channel = format!("on-off-{attacker}-{}", number % 7);
                            let off = text(&json!({"type":"unsubscribe","channel":channel}));
                            [text(&json!({"type":"subscribe","channel":channel})), off].concat()
                        })
                        .collect(),
                };
                storm(raw, &bytes, attacker % 2 == 0).await;
            }))
            .await;
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("channels_per_connection") > 0.0 && metrics.get("channels") <= 500.0, "{metrics:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn presence_storms_of_large_states() {
    let relay =
        Relay::start(&["--open", "--presence-members", "20", "--presence-grace", "500", "--queue-total", "33554432"]);
    let siege = Siege::of(&relay).await;
    siege
        .withstands(QUEUES + bound(24 * scale(), 256 * KB), async || {
            join_all((0..24 * scale()).map(async |attacker| {
                let Some(raw) = Raw::join_from(&relay, 2, &format!("here-{attacker}")).await else { return };
                let subscribe = text(&json!({"type":"subscribe","channel":"crowd","presence":true}));
                let track = |state: usize| {
                    let state = format!("{state}{}", "x".repeat(if state.is_multiple_of(10) { 5_000 } else { 4_000 }));
                    text(&json!({"type":"track","channel":"crowd","state":state}))
                };
                let untrack = text(&json!({"type":"untrack","channel":"crowd"}));
                let tracks = (0..100).flat_map(|state| [track(state), untrack.clone()].concat());
                let bytes: Vec<u8> = subscribe.into_iter().chain(tracks).collect();
                storm(raw, &bytes, attacker % 3 > 0).await;
            }))
            .await;
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("presence_state") > 0.0, "{metrics:?}");
    relay.counts("nobody is present", |metrics| metrics.get("presence_bytes") == 0.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_channels_and_answers_without_end() {
    let relay =
        Relay::start(&["--open", "--channels", "300", "--history-total", "4000000", "--answers-total", "100000"]);
    let siege = Siege::of(&relay).await;
    let mut wave = 0;
    siege
        .withstands(bound(40 * scale(), 256 * KB), async || {
            wave += 1;
            join_all((0..40 * scale()).map(async |attacker| {
                let session = format!("s-{wave}-{attacker}");
                let Some(raw) = Raw::join_from(&relay, 2, &session).await else { return };
                let publish = |id: usize| {
                    let channel = format!("c-{wave}-{}", (attacker + id) % 60);
                    let payload = "x".repeat(id * 20);
                    text(&json!({"type":"publish","id":id,"channel":channel,"event":"e","payload":payload}))
                };
                storm(raw, &(1..=90).flat_map(publish).collect::<Vec<u8>>(), true).await;
            }))
            .await;
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.get("history_bytes") <= 4_000_000.0 && metrics.get("answer_bytes") <= 100_000.0, "{metrics:?}");
    assert!(metrics.limit("answers_total") > 0.0, "{metrics:?}");
}
