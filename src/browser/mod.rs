//! The driver: carries out what the core orders and tells it what happened. It decides nothing.
//!
//! User code never runs while the core is borrowed: each output is taken out first, and then carried out. A call made from
//! inside a listener only queues more outputs; the outermost call drains them.

mod clock;
mod memory;
mod page;
mod socket;

use crate::bindings::{Frames, JsHost, given, item};
#[cfg(feature = "tautline")]
use crate::channel::ChannelId;
use crate::client::Client;
use crate::host::{Frame, Header};
use crate::input::{Endpoint, NetworkEvent, PageEvent, SocketEvent, TokenWhy};
use crate::output::{Output, Subprotocols};
use crate::time::Instant;
use clock::Now;
use gloo_timers::callback::Timeout;
use page::Page;
use socket::Socket;
use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

/// Takes what the browser reports, in numbers: of a frame the kind, the size, the event, the channel and three more. One signature
/// for all, because each has its share of glue on both sides.
type Listener = Closure<dyn FnMut(u32, u32, u32, u32, f64, f64, f64) -> i32>;

/// A client and the browser around it. Cloning it clones a reference.
#[derive(Clone)]
pub(crate) struct Driver(Rc<Inner>);

struct Inner {
    client: RefCell<Client<JsHost>>,
    frames: Frames,
    now: Now,
    draining: Cell<bool>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<(Instant, Timeout)>>,
    page: RefCell<Option<Page>>,
    #[cfg(feature = "standalone")]
    wakers: RefCell<Vec<std::task::Waker>>,
}

impl Driver {
    pub(crate) fn new(client: Client<JsHost>, frames: Frames) -> Self {
        Self(Rc::new(Inner {
            client: RefCell::new(client),
            frames,
            now: Now::new(),
            draining: Cell::new(false),
            socket: RefCell::new(None),
            timer: RefCell::new(None),
            page: RefCell::new(None),
            #[cfg(feature = "standalone")]
            wakers: RefCell::default(),
        }))
    }

    /// Lets the client do something, then carries out what it orders.
    #[inline(always)]
    pub(crate) fn with<T>(&self, action: impl FnOnce(&mut Client<JsHost>, Instant) -> T) -> T {
        let result = self.order(action);
        self.drain();
        result
    }

    /// Lets the client do something; what it orders is carried out after the next call.
    #[inline(always)]
    pub(crate) fn order<T>(&self, action: impl FnOnce(&mut Client<JsHost>, Instant) -> T) -> T {
        let (mut client, now) = self.enter();
        action(&mut client, now)
    }

    /// The number that JavaScript hears of a message: its id, or 0 or the negative code of why not. Of what has an id nothing is told
    /// before the next call, so that the caller knows whose id it is.
    #[cfg(feature = "framed")]
    pub(crate) fn said(&self, outcome: Result<u64, crate::Code>) -> f64 {
        match outcome {
            Ok(id) if id > 0 => id as f64,
            outcome => {
                self.drain();
                outcome.map_or_else(|code| -f64::from(code as u8), |_| 0.0)
            }
        }
    }

    #[inline(never)]
    fn enter(&self) -> (RefMut<'_, Client<JsHost>>, Instant) {
        (self.0.client.borrow_mut(), self.0.now.glance())
    }

    /// Looks at the client.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Client<JsHost>, Instant) -> T) -> T {
        look(&self.0.client.borrow(), self.0.now.read())
    }

    /// Listens to the page and the network.
    pub(crate) fn watch(&self) {
        if self.0.page.borrow().is_none() {
            let page = Page::watch(self);
            *self.0.page.borrow_mut() = Some(page);
        }
    }

    /// No longer does.
    pub(crate) fn unwatch(&self) {
        self.0.page.borrow_mut().take();
    }

    /// Bytes that the socket took and did not send yet.
    #[cfg(not(feature = "framed"))]
    pub(crate) fn buffered(&self) -> usize {
        self.0.socket.borrow().as_ref().map_or(0, Socket::buffered)
    }

    fn handle_socket(&self, socket: u32, event: SocketEvent<JsHost>) {
        if !matches!(event, SocketEvent::Frame { .. }) {
            self.0.now.read();
        }
        self.with(|client, now| client.handle_socket(now, socket, event));
    }

    /// The flags to deliver the frame with that the shim holds, because it is the next message of its channel: most are, and
    /// passing a handle to each costs more than handling it. Or -1: all is done.
    fn handle_frame(&self, socket: u32, header: Header, size: usize) -> i32 {
        // What comes while another one is being handled waits for its turn.
        if !self.0.draining.get()
            && let Some(replayed) = self.0.client.borrow_mut().handle_next(socket, &header, size)
        {
            return i32::from(replayed);
        }
        let body = self.0.frames.held();
        self.handle_socket(socket, SocketEvent::Frame { header, body, size });
        -1
    }

    /// Whether a message goes out at once, whose frame the caller then sends: see [`Client::publish_next`].
    #[cfg(feature = "tautline")]
    pub(crate) fn publish_next(&self, id: u64, channel: ChannelId, size: usize) -> bool {
        // What waits to be carried out goes first.
        if self.0.draining.get() {
            return false;
        }
        // There may be room in the socket again.
        self.report_buffered();
        let mut client = self.0.client.borrow_mut();
        // Of several in flight the first has the deadline.
        let first = client.queue().0 == 0;
        let goes = client.publish_next(id, channel, size, || self.0.now.glance());
        drop(client);
        if first {
            self.arm();
        }
        goes
    }

    fn handle_network(&self, event: NetworkEvent) {
        self.with(|client, now| client.handle_network(now, event));
    }

    fn handle_page(&self, event: PageEvent) {
        self.with(|client, now| client.handle_page(now, event));
    }

    /// Carries out all that is ordered, also inside a listener.
    #[cfg(all(feature = "json", not(feature = "tautline")))]
    pub(crate) fn settle(&self) {
        let draining = self.0.draining.replace(false);
        self.drain();
        self.0.draining.set(draining);
    }

    fn drain(&self) {
        if self.0.draining.replace(true) {
            return;
        }
        loop {
            let output = self.0.client.borrow_mut().poll_output();
            match output {
                Some(output) => self.execute(output),
                None if self.report_buffered() => {}
                None => break,
            }
        }
        self.0.draining.set(false);
        self.arm();
        #[cfg(feature = "standalone")]
        for waker in self.0.wakers.take() {
            waker.wake();
        }
    }

    /// Wakes after whatever the client does next, when nothing is left to carry out.
    #[cfg(feature = "standalone")]
    pub(crate) fn wake_when_idle(&self, waker: std::task::Waker) {
        self.0.wakers.borrow_mut().push(waker);
    }

    /// Carries out one order.
    fn execute(&self, output: Output<JsHost>) {
        match output {
            Output::Emit(told) => told.tell(&self.0.frames),
            Output::Send { socket, frame: Frame::Text(data) | Frame::Binary(data) } => {
                if let Some(open) = self.0.socket.borrow().as_ref().filter(|open| open.generation() == socket) {
                    open.send(&data);
                }
            }
            Output::Open { socket, url, subprotocols } => {
                let offered = match subprotocols {
                    Subprotocols::Own(name) => name.map_or(JsValue::UNDEFINED, JsValue::from_str),
                    Subprotocols::Given(names) => names,
                };
                let opened = Socket::open(self, &self.0.frames, socket, &url, &offered);
                match opened {
                    Ok(open) => drop(self.0.socket.borrow_mut().replace(open)),
                    // The constructor throws where the URL is impossible; the core hears of a socket that closed.
                    Err(_) => self.handle_socket(socket, SocketEvent::Closed { code: None }),
                }
            }
            Output::Close { socket, code, reason, listen } => {
                let mut slot = self.0.socket.borrow_mut();
                if let Some(open) = slot.as_ref().filter(|open| open.generation() == socket) {
                    open.close(code, reason.as_ref());
                    if !listen {
                        slot.take();
                    }
                }
            }
            Output::Resolve { attempt, why } => self.resolve(attempt, why),
        }
    }

    /// Tells how much the socket still holds, if the client waits for that; whether it may go on.
    fn report_buffered(&self) -> bool {
        let mut client = self.0.client.borrow_mut();
        let socket = self.0.socket.borrow();
        let Some(open) = socket.as_ref().filter(|_| client.waits_for_buffer()) else { return false };
        client.handle_buffered(self.0.now.glance(), open.buffered());
        !client.waits_for_buffer()
    }

    /// Sets the timer, unless one will fire early enough: firing early is harmless, setting timers is not free.
    fn arm(&self) {
        let wanted = self.0.client.borrow().poll_timeout().map(|(at, _)| at);
        let mut timer = self.0.timer.borrow_mut();
        let Some(wanted) = wanted else { return drop(timer.take()) };
        if timer.as_ref().is_some_and(|(armed, _)| *armed <= wanted) {
            return;
        }
        let wait = wanted.since(self.0.now.read());
        // Rounded up, so that it never fires just before its time; browsers take no more than 31 bits.
        let millis = wait.as_micros().div_ceil(1000).min(i32::MAX as u64) as u32;
        let driver = self.clone();
        *timer = Some((wanted, Timeout::new(millis, move || driver.handle_timeout())));
    }

    /// Does what is due; too early is harmless.
    pub(crate) fn handle_timeout(&self) {
        self.0.timer.borrow_mut().take();
        self.0.now.read();
        self.report_buffered();
        self.with(Client::handle_timeout);
    }

    fn resolve(&self, attempt: u32, why: TokenWhy) {
        let driver = self.clone();
        // A closure that frees itself: a future with its queue and its wakers would be 3 kB more of wasm.
        let answered = Closure::once_into_js(move || {
            let answer = driver.0.frames.held();
            // What was thrown, in a list of its own, or what was given.
            let answer = match given(item(&answer, 0)) {
                Some(thrown) => Err(given(item(&thrown, 0))),
                None => {
                    let text = |index| Some(item(&answer, index)).filter(JsValue::is_string);
                    Ok(Endpoint { url: text(1), token: text(2), subprotocols: given(item(&answer, 3)) })
                }
            };
            driver.with(|client, now| client.handle_resolved(now, attempt, answer));
        });
        self.0.frames.ask(why as u8, &answered);
    }
}
