//! The kernel's ring.
//!
//! Memory that the kernel reads or writes is owned here, never by the engine: payloads, receive
//! buffers, places for addresses. An operation that was pushed keeps its memory until its last
//! completion is taken. A ring that is dropped first takes back all that is in flight; where that
//! is not possible, the memory is never freed.
#![allow(unsafe_code, reason = "the data plane's system calls are made here")]

use std::collections::VecDeque;
use std::io;
use std::mem::{self, ManuallyDrop};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::ptr;
use std::thread::{self, ThreadId};
use std::time::Duration;

use io_uring::types::{
    CancelBuilder, DestinationSlot, Fd, Fixed, RecvMsgOut, SubmitArgs, Timespec,
};
use io_uring::{IoUring, cqueue, opcode, squeue};
use rustix::io::Errno;
use rustix::net::{Shutdown, shutdown};
use sluice_units::{ConnectionId, Instant};

use crate::accepting::{ACCEPTS_IN_FLIGHT_MAX, listener_of};
use crate::addresses::{ADDRESS_BYTES, parse_address};
use crate::buffers::{Places, ReceiveBuffers, datagram_layout};
use crate::config::EngineConfig;
use crate::descriptors::limit_reached;
use crate::error::EngineError;
use crate::operation::{Completion, Operation, Ring};
use crate::outbound::Payload;
use crate::probe;
use crate::waker::Waker;

/// The one group of receive buffers.
const BUFFER_GROUP: u16 = 0;
/// `IORING_FILE_INDEX_ALLOC`, as the offset of a table's update.
const SLOT_OF_THE_KERNELS_CHOICE: i32 = -1;
/// How long a dropped ring waits for the kernel to let go of its memory: at once, but for the kernel's own
/// threads, which a busy machine lets wait.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

/// A disabled ring: the thread that enables it becomes the one that may use it.
///
/// Completions are worked out on that thread, inside its turns (DEFER_TASKRUN), which needs the
/// promise that no other one submits (SINGLE_ISSUER). TASKRUN_FLAG tells a turn that does not wait
/// whether there is such work.
pub(crate) fn build_ring(submission_entries: u32, completion_entries: u32) -> io::Result<IoUring> {
    IoUring::builder()
        .setup_single_issuer()
        .setup_defer_taskrun()
        .setup_taskrun_flag()
        .setup_submit_all()
        .setup_r_disabled()
        .setup_cqsize(completion_entries)
        .build(submission_entries)
}

/// What the kernel may work on while operations are in flight.
struct SharedMemory {
    receive: ReceiveBuffers,
    places: Places,
    /// The payload in flight of each slot.
    sending: Vec<Option<Payload>>,
}

/// The ring, with everything that its operations refer to.
pub(crate) struct KernelRing {
    ring: IoUring,
    memory: ManuallyDrop<SharedMemory>,
    listeners: Vec<OwnedFd>,
    /// Sockets that are being put into the table, by place.
    installing: Vec<Option<OwnedFd>>,
    datagram_sockets: Vec<OwnedFd>,
    waker: Waker,
    /// Entries for which the submission queue has no room yet: a few for each connection.
    unsubmitted: VecDeque<squeue::Entry>,
    /// Operations pushed whose last completion was not taken.
    in_flight: u64,
    /// The thread that enabled the ring; before that the kernel has seen no operation.
    owner: Option<ThreadId>,
    started: std::time::Instant,
}

impl KernelRing {
    /// A ring with its table of direct descriptors and its receive buffers.
    pub(crate) fn new(
        config: &EngineConfig,
        listeners: Vec<OwnedFd>,
        waker: Waker,
    ) -> Result<Self, EngineError> {
        let ring = build_ring(config.submission_entries, config.completion_entries)
            .map_err(|error| setup_error(error, 1))?;
        ring.submitter()
            .register_files_sparse(config.connections_max)
            .map_err(|error| setup_error(error, u64::from(config.connections_max)))?;
        let receive = ReceiveBuffers::new(config.receive_buffers, config.receive_buffer_bytes)
            .map_err(|_| EngineError::MemoryLimit)?;
        let places = Places::new(ACCEPTS_IN_FLIGHT_MAX, config.connects_in_flight_max)
            .map_err(|_| EngineError::MemoryLimit)?;
        let (address, entries) = receive.registration();
        let submitter = ring.submitter();
        // SAFETY: the entries are page-aligned, as many as said, and live until the ring is drained.
        unsafe { submitter.register_buf_ring_with_flags(address, entries, BUFFER_GROUP, 0) }
            .map_err(|error| setup_error(error, 1))?;
        let sending = (0..config.connections_max).map(|_| None).collect();
        Ok(Self {
            ring,
            memory: ManuallyDrop::new(SharedMemory { receive, places, sending }),
            listeners,
            installing: (0..config.connects_in_flight_max).map(|_| None).collect(),
            datagram_sockets: Vec::new(),
            waker,
            unsubmitted: VecDeque::new(),
            in_flight: 0,
            owner: None,
            started: std::time::Instant::now(),
        })
    }

    /// The kernel's form of an operation.
    fn entry(&mut self, operation: Operation) -> squeue::Entry {
        let slot = |connection: ConnectionId| Fixed(connection.slot);
        match operation {
            Operation::Accept { place } => {
                let (address, length) = self.memory.places.prepare(place);
                let listener = &self.listeners[listener_of(place, self.listeners.len())];
                opcode::Accept::new(Fd(listener.as_raw_fd()), address, length)
                    .file_index(Some(DestinationSlot::auto_target()))
                    .build()
            }
            Operation::Receive(connection) => {
                opcode::RecvMulti::new(slot(connection), BUFFER_GROUP).build()
            }
            Operation::ReceiveOnce(connection) => {
                // The kernel chooses the buffer, and takes its length where none is given.
                opcode::Recv::new(slot(connection), ptr::null_mut(), 0)
                    .buf_group(BUFFER_GROUP)
                    .build()
                    .flags(squeue::Flags::BUFFER_SELECT)
            }
            Operation::Send(connection) => {
                let payload = self.memory.sending[connection.slot as usize].as_ref();
                let bytes = payload.expect("push_send has put it there").bytes();
                let length = u32::try_from(bytes.len()).expect("queues are bounded below 4 GiB");
                opcode::Send::new(slot(connection), bytes.as_ptr(), length)
                    .flags(libc::MSG_WAITALL | libc::MSG_NOSIGNAL)
                    .build()
            }
            Operation::ShutdownWrite(connection) => {
                opcode::Shutdown::new(slot(connection), libc::SHUT_WR).build()
            }
            Operation::Cancel(connection) => {
                opcode::AsyncCancel2::new(CancelBuilder::fd(slot(connection)).all()).build()
            }
            Operation::CancelAll => opcode::AsyncCancel2::new(CancelBuilder::any()).build(),
            Operation::StopReceivingOnce(connection) => {
                let receive = Operation::ReceiveOnce(connection).to_user_data();
                opcode::AsyncCancel2::new(CancelBuilder::user_data(receive)).build()
            }
            Operation::CancelReceive(connection) | Operation::StopReceiving(connection) => {
                let receive = Operation::Receive(connection).to_user_data();
                opcode::AsyncCancel2::new(CancelBuilder::user_data(receive)).build()
            }
            Operation::CancelConnect { place } => {
                let connect = Operation::Connect { place }.to_user_data();
                opcode::AsyncCancel2::new(CancelBuilder::user_data(connect)).build()
            }
            Operation::Install { place } => {
                let descriptor = self.memory.places.dial_descriptor(place);
                opcode::FilesUpdate::new(descriptor, 1).offset(SLOT_OF_THE_KERNELS_CHOICE).build()
            }
            Operation::Connect { .. } => unreachable!("push_connect has the slot and the address"),
            Operation::Datagrams { socket } => {
                let socket = Fd(self.datagram_sockets[usize::from(socket)].as_raw_fd());
                opcode::RecvMsgMulti::new(
                    socket,
                    self.memory.places.datagram_layout(),
                    BUFFER_GROUP,
                )
                .build()
            }
            Operation::Extract(connection) => {
                opcode::FixedFdInstall::new(slot(connection), 0).build()
            }
            Operation::Close { slot } => opcode::Close::new(Fixed(slot)).build(),
            Operation::Wake => {
                let count = self.memory.places.wake_count();
                let event = Fd(self.waker.descriptor().as_raw_fd());
                opcode::Read::new(event, count, size_of::<u64>() as u32).build()
            }
        }
    }

    fn enqueue(&mut self, operation: Operation) {
        let entry = self.entry(operation);
        self.enqueue_entry(operation, entry);
    }

    fn enqueue_entry(&mut self, operation: Operation, entry: squeue::Entry) {
        self.in_flight += 1;
        self.unsubmitted.push_back(entry.user_data(operation.to_user_data()));
    }

    /// See [`crate::Engine::notify_through`].
    pub(crate) fn notify_through(&self, event: BorrowedFd<'_>) -> io::Result<()> {
        self.ring.submitter().register_eventfd(event.as_raw_fd())
    }

    /// Moves entries to the submission queue; `true` where it had room for all.
    fn fill_submission_queue(&mut self) -> bool {
        let mut queue = self.ring.submission();
        while let Some(entry) = self.unsubmitted.front() {
            // SAFETY: what the entry refers to is in `memory`, and stays there until the entry's
            // completion is taken: see the top of this file.
            if unsafe { queue.push(entry) }.is_err() {
                return false;
            }
            self.unsubmitted.pop_front();
        }
        true
    }

    /// The first call makes this thread the ring's.
    fn enable(&mut self) -> io::Result<()> {
        let here = thread::current().id();
        if self.owner.is_none() {
            self.ring.submitter().register_enable_rings()?;
            self.owner = Some(here);
        }
        assert_eq!(self.owner, Some(here), "an engine stays on the thread of its first turn");
        Ok(())
    }

    /// Whether operations were pushed since the last submission.
    pub(crate) fn has_unsubmitted(&self) -> bool {
        !self.unsubmitted.is_empty()
    }

    fn enter(&self, completions_min: usize, wait: Duration) -> io::Result<Entered> {
        let timeout = Timespec::from(wait);
        let arguments = SubmitArgs::new().timespec(&timeout);
        match self.ring.submitter().submit_with_args(completions_min, &arguments) {
            Ok(_) => Ok(Entered::Took),
            Err(error) => match Errno::from_io_error(&error) {
                // The time is over, or a signal came: a turn may end early.
                Some(Errno::TIME | Errno::INTR) => Ok(Entered::Took),
                // Completions must be taken, or memory freed, before the kernel takes more.
                Some(Errno::BUSY | Errno::AGAIN) => Ok(Entered::Busy),
                _ => Err(error),
            },
        }
    }

    /// Takes back all that is in flight; `true` where the kernel has let go of everything.
    fn drain(&mut self) -> bool {
        let Some(owner) = self.owner else { return true };
        if owner != thread::current().id() {
            return false;
        }
        let deadline = self.now() + DRAIN_TIME_MAX;
        while self.now() < deadline {
            // Repeated, since the kernel misses an operation that it is about to go on with.
            self.enqueue(Operation::CancelAll);
            if self.submit_and_wait(DRAIN_TIME_MAX).is_err() {
                return false;
            }
            while let Some(completion) = self.next_completion() {
                if let Some(buffer) = completion.buffer {
                    self.recycle(buffer);
                }
            }
            if self.in_flight == 0 {
                return true;
            }
        }
        false
    }
}

/// How the kernel took a submission.
#[derive(PartialEq, Eq)]
enum Entered {
    Took,
    Busy,
}

impl Ring for KernelRing {
    fn now(&self) -> Instant {
        let nanos = self.started.elapsed().as_nanos();
        Instant::from_nanos(u64::try_from(nanos).expect("no process runs for 584 years"))
    }

    fn push(&mut self, operation: Operation) {
        assert!(!matches!(operation, Operation::Send(_)), "a send comes with its payload");
        self.enqueue(operation);
    }

    fn push_send(&mut self, connection: ConnectionId, payload: Payload) {
        let place = &mut self.memory.sending[connection.slot as usize];
        assert!(place.is_none(), "a slot has one send in flight");
        *place = Some(payload);
        self.enqueue(Operation::Send(connection));
    }

    fn submit_and_wait(&mut self, wait: Duration) -> io::Result<()> {
        self.enable()?;
        while !self.fill_submission_queue() {
            if self.enter(0, Duration::ZERO)? == Entered::Busy {
                return Ok(());
            }
        }
        self.enter(usize::from(!wait.is_zero()), wait)?;
        // A completion that is really lost would leave its connection's memory in limbo.
        match self.ring.completion().overflow() {
            0 => Ok(()),
            _ => Err(Errno::OVERFLOW.into()),
        }
    }

    fn is_overflowed(&mut self) -> bool {
        self.ring.submission().cq_overflow()
    }

    fn next_completion(&mut self) -> Option<Completion> {
        let entry = self.ring.completion().next()?;
        let operation = Operation::from_user_data(entry.user_data());
        let more = cqueue::more(entry.flags());
        self.in_flight -= u64::from(!more);
        let buffer = cqueue::buffer_select(entry.flags());
        if let Some(buffer) = buffer {
            self.memory.receive.take(buffer);
        }
        let payload = match operation {
            Operation::Send(connection) => self.memory.sending[connection.slot as usize].take(),
            Operation::Install { place } => {
                // The table holds the socket by itself, or nobody does.
                self.installing[usize::from(place)] = None;
                None
            }
            _ => None,
        };
        let result = entry.result();
        let socket = (matches!(operation, Operation::Extract(_)) && result >= 0).then(|| {
            // SAFETY: the kernel has just opened this descriptor for us, and nobody else knows it.
            unsafe { OwnedFd::from_raw_fd(result) }
        });
        Some(Completion { operation, result, more, buffer, payload, socket })
    }

    fn received(&self, buffer: u16, length: usize) -> &[u8] {
        self.memory.receive.filled(buffer, length)
    }

    fn recycle(&mut self, buffer: u16) {
        self.memory.receive.recycle(buffer);
    }

    fn peer(&self, place: u16) -> SocketAddr {
        self.memory.places.peer(place)
    }

    fn push_install(&mut self, place: u16, socket: OwnedFd) {
        self.memory.places.set_dial_descriptor(place, socket.as_raw_fd());
        self.installing[usize::from(place)] = Some(socket);
        self.enqueue(Operation::Install { place });
    }

    fn installed_slot(&self, place: u16) -> u32 {
        let slot = self.memory.places.installed_slot(place);
        u32::try_from(slot).expect("the kernel has written a slot where the descriptor was")
    }

    fn push_connect(&mut self, place: u16, slot: u32, remote: SocketAddr) {
        let (address, length) = self.memory.places.set_dial_address(place, remote);
        let entry = opcode::Connect::new(Fixed(slot), address, length).build();
        self.enqueue_entry(Operation::Connect { place }, entry);
    }

    fn add_datagram_socket(&mut self, socket: OwnedFd) -> u16 {
        self.datagram_sockets.push(socket);
        u16::try_from(self.datagram_sockets.len() - 1)
            .expect("RLIMIT_NOFILE or the caller is lower")
    }

    fn datagram(&self, buffer: u16, length: usize) -> Option<(SocketAddr, &[u8])> {
        let filled = self.memory.receive.filled(buffer, length);
        let message = RecvMsgOut::parse(filled, &datagram_layout()).ok()?;
        if message.is_payload_truncated() {
            return None;
        }
        let mut address = [0; ADDRESS_BYTES];
        let name = message.name_data();
        address.get_mut(..name.len())?.copy_from_slice(name);
        // Header and sender come first, the bytes last.
        let payload = &filled[filled.len() - message.payload_data().len()..];
        Some((parse_address(&address)?, payload))
    }

    fn stop_listening(&mut self) {
        for listener in &self.listeners {
            // Refused only where the socket does not listen any more, which is what is wanted.
            let _ = shutdown(listener, Shutdown::Both);
        }
    }
}

impl Drop for KernelRing {
    fn drop(&mut self) {
        if self.drain() {
            // SAFETY: nothing is in flight, and the memory is not used after this.
            unsafe { ManuallyDrop::drop(&mut self.memory) };
        }
        // Otherwise (another thread, a failing ring) the kernel may still work on the memory for a
        // while after the ring's descriptor is closed: it stays allocated.
    }
}

/// Names the cause of a failed set-up that needs so many descriptors.
fn setup_error(error: io::Error, descriptors: u64) -> EngineError {
    match Errno::from_io_error(&error) {
        Some(Errno::MFILE) => limit_reached(descriptors),
        Some(Errno::NOMEM) => EngineError::MemoryLimit,
        _ => EngineError::RingUnavailable(probe::unavailable(error)),
    }
}

/// Gives a descriptor to a type that only takes numbers, such as a file of another runtime.
///
/// The type must be one for that kind of descriptor, else its calls fail.
pub fn hand_over<T: FromRawFd>(descriptor: OwnedFd) -> T {
    // SAFETY: the descriptor is open and nobody else's; from here on the value owns it.
    unsafe { T::from_raw_fd(descriptor.into_raw_fd()) }
}

/// Lets `bind` choose an address alone; the port is chosen by `connect` (ip(7),
/// IP_BIND_ADDRESS_NO_PORT).
pub(crate) fn bind_without_port(socket: &OwnedFd) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the option's value is an int that lives through the call, and its size is given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// See [`probe::clock_synchronised`].
pub(crate) fn clock_synchronised() -> io::Result<bool> {
    // SAFETY: a timex is of integers, for which zeros are values; no mode asks for no change.
    let mut clock: libc::timex = unsafe { mem::zeroed() };
    // SAFETY: the pointer is to a timex that lives through the call.
    let state = unsafe { libc::adjtimex(&raw mut clock) };
    if state < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(state != libc::TIME_ERROR && clock.status & libc::STA_UNSYNC == 0)
}

#[cfg(test)]
mod tests;
