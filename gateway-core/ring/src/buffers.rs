//! Memory that the kernel works on: receive buffers, and places for what operations refer to.
//!
//! It is mapped, not borrowed from Rust's allocator: it has addresses that never move, and where
//! the kernel cannot be made to let go of it, it stays mapped for good.
#![allow(unsafe_code, reason = "the kernel writes to this memory")]

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::types::BufRingEntry;

use crate::addresses::{ADDRESS_BYTES, encode_address, parse_address};

/// Bytes of one place: a `sockaddr_in6`, which is the longer of the two kinds, and its length.
const PLACE_BYTES: usize = ADDRESS_BYTES + size_of::<libc::socklen_t>();

const _: () = assert!(PLACE_BYTES.is_multiple_of(align_of::<libc::socklen_t>()));

/// Zeroed pages of our own, there from the start, unmapped when dropped.
struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the pages belong to this value alone, and no thread has a special claim on them.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(bytes: usize) -> io::Result<Self> {
        assert!(bytes > 0, "every mapping holds something");
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // Populated: what a ring takes is known when it starts, and no receive waits for a page.
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE;
        // SAFETY: a new anonymous mapping at an address of the kernel's choice touches nothing else.
        let start = unsafe { libc::mmap(ptr::null_mut(), bytes, access, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).expect("the kernel maps nothing at zero");
        Ok(Self { start, bytes })
    }

    /// The address of a byte.
    fn at(&self, offset: usize) -> *mut u8 {
        assert!(offset < self.bytes, "offsets are within the mapping");
        // SAFETY: the offset is within the mapping.
        unsafe { self.start.as_ptr().add(offset) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the pages were mapped by `new`, and nothing refers to them any more.
        let result = unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
        assert_eq!(result, 0, "what was mapped can be unmapped");
    }
}

/// The provided-buffer ring (io_uring_register_buf_ring(3)) and its buffers.
pub(crate) struct ReceiveBuffers {
    entries: Mapping,
    bytes: Mapping,
    count: u16,
    buffer_bytes: u32,
    tail: u16,
    /// Whether we hold the buffer, by number; the others are the kernel's.
    taken: Vec<bool>,
}

impl ReceiveBuffers {
    /// All of them in the ring.
    pub(crate) fn new(count: u16, buffer_bytes: u32) -> io::Result<Self> {
        assert!(count.is_power_of_two(), "the configuration was validated");
        let mut buffers = Self {
            entries: Mapping::new(usize::from(count) * size_of::<BufRingEntry>())?,
            bytes: Mapping::new(usize::from(count) * buffer_bytes as usize)?,
            count,
            buffer_bytes,
            tail: 0,
            taken: vec![true; usize::from(count)],
        };
        for buffer in 0..count {
            buffers.recycle(buffer);
        }
        Ok(buffers)
    }

    /// What a ring is told: where the entries are, and how many.
    pub(crate) fn registration(&self) -> (u64, u16) {
        (self.entries.at(0) as u64, self.count)
    }

    /// The kernel has filled a buffer, and is done with it until it is recycled.
    pub(crate) fn take(&mut self, buffer: u16) {
        let taken = &mut self.taken[usize::from(buffer)];
        assert!(!*taken, "the kernel fills buffers that it has");
        *taken = true;
    }

    /// The first bytes of a buffer that was taken.
    pub(crate) fn filled(&self, buffer: u16, length: usize) -> &[u8] {
        assert!(self.taken[usize::from(buffer)], "only a taken buffer is read");
        assert!(length <= self.buffer_bytes as usize, "a completion stays within its buffer");
        let start = self.bytes.at(self.offset(buffer));
        // SAFETY: the bytes are mapped and initialised, and the kernel leaves a taken buffer alone
        // until `recycle`, which needs `&mut self`.
        unsafe { slice::from_raw_parts(start, length) }
    }

    /// Gives a taken buffer back to the kernel.
    pub(crate) fn recycle(&mut self, buffer: u16) {
        let taken = &mut self.taken[usize::from(buffer)];
        assert!(*taken, "a buffer is given back once");
        *taken = false;
        let address = self.bytes.at(self.offset(buffer)) as u64;
        let (index, buffer_bytes) = (usize::from(self.tail & (self.count - 1)), self.buffer_bytes);
        let entry = &mut self.entries()[index];
        entry.set_addr(address);
        entry.set_len(buffer_bytes);
        entry.set_bid(buffer);
        self.tail = self.tail.wrapping_add(1);
        self.publish();
    }

    fn offset(&self, buffer: u16) -> usize {
        usize::from(buffer) * self.buffer_bytes as usize
    }

    fn entries(&mut self) -> &mut [BufRingEntry] {
        let start = self.entries.at(0).cast::<BufRingEntry>();
        // SAFETY: the mapping has room for `count` entries, is page-aligned and zeroed, and the
        // kernel only reads it, and only what lies before the published tail.
        unsafe { slice::from_raw_parts_mut(start, usize::from(self.count)) }
    }

    /// Shows the kernel the entries up to the tail.
    fn publish(&self) {
        let base = self.entries.at(0).cast::<BufRingEntry>();
        // SAFETY: `base` is the first entry of the ring, whose unused field is the tail.
        let tail = unsafe { BufRingEntry::tail(base) }.cast_mut();
        // SAFETY: the tail is aligned and mapped, and nothing else of this process refers to it now.
        let tail = unsafe { AtomicU16::from_ptr(tail) };
        // The kernel reads the tail with acquire, and must find the entries written.
        tail.store(self.tail, Ordering::Release);
    }
}

/// Bytes of the place of one outbound connect: its address, and the descriptor that the kernel takes
/// and in whose stead it writes the slot.
const DIAL_BYTES: usize = ADDRESS_BYTES + size_of::<RawFd>();

const _: () = assert!(DIAL_BYTES.is_multiple_of(align_of::<RawFd>()));

/// Small pieces of memory that operations refer to: where the kernel writes who connected, reads
/// whom to connect to, and finds how a datagram is to be laid out.
pub(crate) struct Places {
    accepts: Mapping,
    accepts_max: u16,
    dials: Mapping,
    dials_max: u16,
    /// The layout of datagrams, then the count of wake-ups.
    rest: Mapping,
}

impl Places {
    pub(crate) fn new(accepts_max: u16, dials_max: u16) -> io::Result<Self> {
        let places = Self {
            accepts: Mapping::new(usize::from(accepts_max) * PLACE_BYTES)?,
            accepts_max,
            dials: Mapping::new(usize::from(dials_max) * DIAL_BYTES)?,
            dials_max,
            rest: Mapping::new(size_of::<libc::msghdr>() + size_of::<u64>())?,
        };
        let layout = places.rest.at(0).cast::<libc::msghdr>();
        // SAFETY: the mapping is page-aligned, long enough, and nothing else refers to it yet.
        unsafe { layout.write(datagram_layout()) };
        Ok(places)
    }

    fn accept_offset(&self, place: u16) -> usize {
        assert!(place < self.accepts_max, "places are numbered below their count");
        usize::from(place) * PLACE_BYTES
    }

    /// Readies a place that no accept in flight has: where the address goes, and its length.
    pub(crate) fn prepare(&mut self, place: u16) -> (*mut libc::sockaddr, *mut libc::socklen_t) {
        let offset = self.accept_offset(place);
        let address = self.accepts.at(offset);
        let length = self.accepts.at(offset + ADDRESS_BYTES).cast::<libc::socklen_t>();
        // SAFETY: the place is mapped, and its length is aligned since places are multiples of it.
        unsafe { length.write(ADDRESS_BYTES as libc::socklen_t) };
        (address.cast(), length)
    }

    /// Who connected: call it between a successful accept and the next with the same place.
    pub(crate) fn peer(&self, place: u16) -> SocketAddr {
        let address = self.accepts.at(self.accept_offset(place)).cast::<[u8; ADDRESS_BYTES]>();
        // SAFETY: the place is mapped, initialised by zeros, and of bytes, which have no alignment.
        let bytes = unsafe { address.read() };
        parse_address(&bytes).expect("a TCP listener accepts no other family")
    }

    fn dial_offset(&self, place: u16) -> usize {
        assert!(place < self.dials_max, "places are numbered below their count");
        usize::from(place) * DIAL_BYTES
    }

    /// The descriptor that an install takes, and in whose stead the kernel writes the slot.
    pub(crate) fn dial_descriptor(&self, place: u16) -> *mut RawFd {
        self.dials.at(self.dial_offset(place) + ADDRESS_BYTES).cast()
    }

    /// Readies the place of an install that is not in flight.
    pub(crate) fn set_dial_descriptor(&mut self, place: u16, descriptor: RawFd) {
        // SAFETY: the place is mapped, and aligned since places are multiples of a descriptor.
        unsafe { self.dial_descriptor(place).write(descriptor) };
    }

    /// What the kernel has written there.
    pub(crate) fn installed_slot(&self, place: u16) -> i32 {
        // SAFETY: as above, and no install of this place is in flight any more.
        unsafe { self.dial_descriptor(place).read() }
    }

    /// Readies the address of a connect that is not in flight; gives where it is, and its length.
    pub(crate) fn set_dial_address(
        &mut self,
        place: u16,
        remote: SocketAddr,
    ) -> (*const libc::sockaddr, libc::socklen_t) {
        let (bytes, length) = encode_address(remote);
        let address = self.dials.at(self.dial_offset(place));
        // SAFETY: the place is mapped, of bytes, and no connect of this place is in flight.
        unsafe { address.cast::<[u8; ADDRESS_BYTES]>().write(bytes) };
        (address.cast::<libc::sockaddr>().cast_const(), length as libc::socklen_t)
    }

    /// How datagrams are laid out in receive buffers.
    pub(crate) fn datagram_layout(&self) -> *const libc::msghdr {
        self.rest.at(0).cast::<libc::msghdr>().cast_const()
    }

    /// Where the wake-up count goes; nobody reads it.
    pub(crate) fn wake_count(&mut self) -> *mut u8 {
        self.rest.at(size_of::<libc::msghdr>())
    }
}

/// A sender's address before the bytes, and nothing else (io_uring_prep_recvmsg_multishot(3)).
pub(crate) fn datagram_layout() -> libc::msghdr {
    // SAFETY: a msghdr is of integers and pointers, for which zeros are values.
    let mut layout: libc::msghdr = unsafe { mem::zeroed() };
    layout.msg_namelen = ADDRESS_BYTES as libc::socklen_t;
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_their_buffers() {
        let mut buffers = ReceiveBuffers::new(4, 16).unwrap();
        let addresses: Vec<_> = buffers.entries().iter().map(BufRingEntry::addr).collect();
        assert!(addresses.windows(2).all(|pair| pair[1] == pair[0] + 16));
        buffers.take(2);
        assert_eq!(buffers.filled(2, 16), [0; 16]);
        buffers.recycle(2);
        assert_eq!(buffers.entries()[0].bid(), 2, "the fifth entry is the first, reused");
        assert_eq!(buffers.entries()[0].addr(), addresses[2]);
    }

    #[test]
    #[should_panic(expected = "only a taken buffer is read")]
    fn a_buffer_of_the_kernel_is_not_read() {
        let _ = ReceiveBuffers::new(4, 16).unwrap().filled(0, 1);
    }
}
