//! One websocket: a reader and a writer between the network and the hub task.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::accept::is_stalled;
use super::counters::{Counters, ShellLimit};
use super::hub_task::{HubHandle, TOO_SLOW};
use super::line::{Fate, Item, Line, Queue, Signals};
use crate::hub::{ConnectionId, Frame};

/// How long a close frame may take to be written, and its answer to come, before the websocket is cut.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How long a websocket stays open after a close frame without an answer: closed at once, with bytes of the client
/// unread, the system would answer them with a reset, and the client would never see the code.
const LINGER: Duration = Duration::from_secs(2);

/// How a reader ended.
enum End {
    /// The client's close frame came, or the network's end.
    Closed(Option<u16>),
    /// The client broke the websocket protocol itself, or a frame was larger than may be: nothing after it can be read.
    Broken { code: u16, reason: &'static str },
}

const TOO_LARGE: u16 = 1009;

/// Serves one websocket to its end.
pub(crate) async fn serve(
    socket: WebSocket,
    client: IpAddr,
    hub: HubHandle,
    counters: &Counters,
    (line, mut queue, signals): (Line, Queue, Signals),
) {
    let (mut sink, mut stream) = socket.split();
    let connection = hub.open(client, line).await;
    let ended = {
        let mut reading = pin!(read(&mut stream, &hub, counters, connection, signals.clone()));
        let mut writing = pin!(write(&mut sink, &mut queue, counters, signals.clone()));
        tokio::select! {
            end = &mut reading => Some(end),
            () = &mut writing => {
                hub.closed(connection, None).await;
                // Who is cut hears nothing and is not waited for, whichever of the two ends is seen first.
                if signals.fate() == Fate::Cut { None } else { timeout(LINGER, reading).await.ok() }
            }
            () = guard(signals.clone()) => None,
        }
    };
    let code = match ended {
        Some(End::Closed(code)) => code,
        Some(End::Broken { .. }) | None => None,
    };
    hub.closed(connection, code).await;
    if let Some(End::Broken { code, reason }) = ended {
        if code == TOO_LARGE {
            counters.limit(ShellLimit::FrameSize);
        }
        counters.closed(code);
        tracing::info!(
            client.address = %client,
            tautline.close.code = code,
            tautline.close.reason = reason,
            "closed"
        );
        let close = Message::Close(Some(close_frame(code, reason)));
        let _ = timeout(LINGER, sink.send(close)).await;
        sleep(LINGER).await;
    }
}

/// Ends a websocket that may not be, with a reason.
pub(crate) async fn refuse(mut socket: WebSocket, code: u16, reason: &'static str) {
    let closing = async {
        let _ = socket.send(Message::Close(Some(close_frame(code, reason)))).await;
        // Nothing it says is read; its own close ends it.
        while let Some(Ok(_)) = socket.recv().await {}
    };
    let _ = timeout(LINGER, closing).await;
}

async fn read(
    stream: &mut SplitStream<WebSocket>,
    hub: &HubHandle,
    counters: &Counters,
    connection: ConnectionId,
    mut signals: Signals,
) -> End {
    let turns = Arc::new(Semaphore::new(1));
    let mut code = None;
    loop {
        // Never closed, and never an error then.
        let Ok(turn) = turns.clone().acquire_owned().await else { return End::Closed(code) };
        signals.caught_up().await;
        let message = stream.next().await;
        signals.flowing().await;
        let frame = match message {
            Some(Ok(Message::Text(text))) => Frame::text(text.as_str()),
            Some(Ok(Message::Binary(bytes))) => Frame::binary(&*bytes),
            // The library answers both, the close by the next read.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                hub.control(connection, turn).await;
                continue;
            }
            Some(Ok(Message::Close(frame))) => {
                code = frame.map(|frame| frame.code);
                continue;
            }
            Some(Err(error)) => return broken(&error).unwrap_or(End::Closed(code)),
            None => return End::Closed(code),
        };
        counters.frame_in(frame.size());
        hub.frame(connection, frame, turn).await;
    }
}

/// What a client is told whose bytes cannot be read on. A network that ended is no such error.
fn broken(error: &axum::Error) -> Option<End> {
    use tungstenite::Error;
    use tungstenite::error::ProtocolError;
    let (code, reason) = match std::error::Error::source(error)?.downcast_ref()? {
        Error::Capacity(_) => (TOO_LARGE, "a frame was larger than limits.frame"),
        Error::Utf8(_) => (1007, "expected UTF-8 in a text frame"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return None,
        Error::Protocol(_) => (1002, "expected frames as RFC 6455 has them"),
        _ => return None,
    };
    Some(End::Broken { code, reason })
}

/// Writes until a close frame is written or the network ends.
async fn write(sink: &mut SplitSink<WebSocket, Message>, queue: &mut Queue, counters: &Counters, mut signals: Signals) {
    while let Some(item) = queue.next().await {
        signals.flowing().await;
        let message = match item {
            _ if signals.fate() == Fate::TooSlow => Message::Close(Some(close_frame(TOO_SLOW.0, TOO_SLOW.1))),
            Item::Frame(frame) => {
                counters.frame_out(frame.size());
                message(frame)
            }
            Item::Control => {
                if let Err(error) = sink.flush().await {
                    return lost(&error, counters);
                }
                continue;
            }
            Item::Close { code, reason } => Message::Close(Some(close_frame(code, reason))),
        };
        let last = matches!(message, Message::Close(_));
        // Flushed when nothing more waits: a burst goes out in few packets.
        let written = if last || queue.is_empty() { sink.send(message).await } else { sink.feed(message).await };
        if let Err(error) = written {
            return lost(&error, counters);
        }
        if last {
            return;
        }
    }
}

/// Nothing more can be written.
fn lost(error: &axum::Error, counters: &Counters) {
    if is_stalled(error) {
        counters.limit(ShellLimit::WriteTime);
    }
}

/// Ends when the websocket has to be cut.
async fn guard(mut signals: Signals) {
    if signals.doomed().await != Fate::Cut {
        sleep(CLOSE_LIMIT).await;
    }
}

fn message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::Text(Utf8Bytes::from(&*text)),
        Frame::Binary(bytes) => Message::Binary(Bytes::from_owner(bytes)),
    }
}

fn close_frame(code: u16, reason: &'static str) -> CloseFrame {
    CloseFrame { code, reason: Utf8Bytes::from_static(reason) }
}
