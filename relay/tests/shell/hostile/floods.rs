//! Too much of what is allowed: frames, pings, connections, requests.

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{KB, MB, Siege, bound, scale};
use crate::harness::{End, Relay};
use crate::raw::{PING, Raw, TEXT, frame};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_frames_are_closed() {
    let relay = Relay::start(&["--open", "--rate", "100"]);
    let kinds = [
        json!({"type":"ping"}),
        json!({"type":"publish","id":1,"channel":"flood","event":"e","payload":"x".repeat(1_000)}),
        json!({"type":"signal","channel":"flood","event":"e","payload":"x".repeat(1_000)}),
        json!({"type":"request","id":1,"event":"history","channel":"flood"}),
    ];
    let siege = Siege::of(&relay).await;
    siege
        .withstands(bound(8 * scale(), 256 * KB), async || {
            join_all((0..8 * scale()).map(async |attacker| {
                let Some(raw) = Raw::join_from(&relay, 2, &format!("flood-{attacker}")).await else { return };
                let bytes = frame(TEXT, kinds[attacker % kinds.len()].to_string().as_bytes()).repeat(50);
                let (mut reader, mut writer) = tokio::io::split(raw.stream);
                let writing = async { while writer.write_all(&bytes).await.is_ok() {} };
                let mut nowhere = tokio::io::sink();
                let reading = tokio::io::copy(&mut reader, &mut nowhere);
                tokio::select! {
                    () = writing => {}
                    _ = reading => {}
                }
            }))
            .await;
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("frame_flood") >= 8.0 && metrics.closed(4429) >= 8.0, "{metrics:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_pings_and_never_reads_is_not_listened_to() {
    // So high a rate that nobody is cut for it: the memory alone is in question.
    let relay = Relay::start(&["--open", "--rate", "1000000"]);
    let siege = Siege::of(&relay).await;
    let pings = frame(PING, &[b'x'; 125]).repeat(500);
    siege
        .withstands(bound(4 * scale(), 512 * KB), async || {
            join_all((0..4 * scale()).map(async |attacker| {
                let Some(mut raw) = Raw::join_from(&relay, 2, &format!("ping-{attacker}")).await else { return };
                // Until the relay takes no more of it, or it has taken far more than it may keep.
                let mut sent = 0;
                let mut stuck = 0;
                let whole = pings.len() as u64;
                while sent < 40 * MB && stuck < 40 {
                    tokio::select! {
                        written = raw.stream.write(&pings[(sent % whole) as usize..]) => match written {
                            Ok(length) => (sent, stuck) = (sent + length as u64, 0),
                            Err(error) => panic!("cut, though nothing was wrong: {error}"),
                        },
                        () = tokio::time::sleep(std::time::Duration::from_millis(25)) => stuck += 1,
                    }
                }
                assert!(stuck > 0, "the relay listens to one that does not read");
            }))
            .await;
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_connections_leave_room_for_others() {
    let relay = Relay::start(&["--open", "--connections-per-address", "40"]);
    let siege = Siege::of(&relay).await;
    siege
        .withstands(bound(400 * scale(), 32 * KB), async || {
            join_all((0..400 * scale()).map(async |attacker| {
                match attacker % 3 {
                    0 => drop(Raw::connect_from(&relay, 2).await),
                    1 => drop(Raw::upgrade_from(&relay, 2).await),
                    _ => {
                        if let Some(mut raw) = Raw::join_from(&relay, 2, &format!("churn-{attacker}")).await {
                            raw.end_soon().await;
                        }
                    }
                };
            }))
            .await;
            assert!(Raw::join_from(&relay, 3, "newcomer").await.is_some(), "there is room for others");
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("connections_per_address") + metrics.limit("handshakes") > 0.0, "{metrics:?}");
    assert_eq!(metrics.limit("connections"), 0.0);
}

impl Raw {
    /// Says goodbye and waits for the answer.
    async fn end_soon(&mut self) {
        let _ = self.send(&frame(crate::raw::CLOSE, &1000_u16.to_be_bytes())).await;
        assert!(matches!(self.end().await, End::Closed(_) | End::Dropped));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_requests_are_answered_and_cost_nothing() {
    let key = "a-key-of-sixteen-or-more";
    let relay = Relay::start(&["--open", "--api-key", key, "--metrics-listen", "127.0.0.1:0"]);
    let siege = Siege::of(&relay).await;
    let body = "x".repeat(1_000_000);
    let header = "x".repeat(200_000);
    let requests = [
        "GET /health HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200),
        "GET /nothing/../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200),
        format!("POST /api/publish HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        format!("GET /health HTTP/1.1\r\nhost: x\r\nx: {header}\r\n\r\n"),
        "GET /ws HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200),
        "POST /ws HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n".into(),
        "nonsense\r\n\r\n".into(),
    ];
    siege
        .withstands(bound(28 * scale(), 64 * KB), async || {
            join_all((0..28 * scale()).map(async |attacker| {
                let Some(raw) = Raw::connect_from(&relay, 2).await else { return };
                let bytes = requests[attacker % requests.len()].as_bytes();
                let (mut reader, mut writer) = tokio::io::split(raw.stream);
                let writing = async {
                    let _ = writer.write_all(bytes).await;
                    let _ = writer.shutdown().await;
                };
                let mut nowhere = tokio::io::sink();
                let reading = tokio::io::copy(&mut reader, &mut nowhere);
                let _ = tokio::join!(writing, reading);
            }))
            .await;
        })
        .await;
}
