//! Readers that never read.

use futures_util::future::join_all;
use serde_json::json;

use super::{KB, MB, Siege, bound, scale};
use crate::harness::{End, Folder, Relay};
use crate::raw::Raw;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_never_read_are_cut_and_their_queues_given_back() {
    let relay = Relay::start(&["--open", "--rate", "10000", "--history-size", "10", "--queue-total", "33554432"]);
    let siege = Siege::of(&relay).await;
    let payload = "x".repeat(60_000);
    let mut wave = 0_u64;
    siege
        .withstands(32 * MB + bound(10 * scale(), 256 * KB), async || {
            wave += 1;
            let mut deaf = join_all((0..10 * scale()).map(async |attacker| {
                let mut raw = Raw::join_from(&relay, 2, &format!("deaf-{attacker}")).await?;
                raw.say(&json!({"type":"subscribe","channel":"loud"})).await.ok()?;
                raw.frame().await.map(|_| raw)
            }))
            .await;
            let mut loud = Raw::join_from(&relay, 3, &format!("loud-{wave}")).await.expect("a websocket");
            let cut = relay.metrics().await.get("slow_consumers_total") + deaf.len() as f64;
            let mut id = 0;
            relay
                .until("whoever does not read is cut", async || {
                    for _ in 0..20 {
                        id += 1;
                        let said = json!({"type":"publish","id":id,"channel":"loud","event":"e","payload":payload});
                        loud.say(&said).await.expect("sent");
                        assert_eq!(loud.hear().await.expect("an answer")["type"], "ack");
                    }
                    relay.metrics().await.get("slow_consumers_total") >= cut
                })
                .await;
            for raw in deaf.iter_mut().flatten() {
                assert!(matches!(raw.end().await, End::Closed(4429) | End::Dropped));
            }
        })
        .await;
    relay.counts("no queue is left", |metrics| metrics.get("queue_bytes") == 0.0).await;
    assert!(relay.metrics().await.closed(4429) >= 10.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_asked_for_and_never_read_are_let_go() {
    let folder = Folder::new("large");
    folder.write("large.txt", &"x".repeat(20_000_000));
    let relay = Relay::start(&["--open", "--heartbeat", "100", "--static", folder.path()]);
    let siege = Siege::of(&relay).await;
    let count = 40 * scale();
    siege
        .withstands(bound(count, 128 * KB), async || {
            let asking = (0..count).map(async |_| {
                let mut raw = Raw::connect_from(&relay, 2).await?;
                raw.send(b"GET /large.txt HTTP/1.1\r\nhost: x\r\n\r\n").await.ok().map(|()| raw)
            });
            let let_go = relay.metrics().await.limit("write_time") + count as f64;
            let _open = join_all(asking).await;
            relay.counts("all are let go", |metrics| metrics.limit("write_time") >= let_go).await;
        })
        .await;
}
