//! A cursor that cannot over-read, and its counterpart, for the binary formats.
//!
//! Integers are little-endian. A byte string is its length (4 bytes) and its bytes.

use sluice_units::limits::NAME_BYTES_MAX;
use sluice_units::{Hash256, Identity, JobId, Minute, Name, SourceId};
use thiserror::Error;

/// Why bytes are no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum DecodeError {
    /// The message ends before its fields do.
    #[error("the message ends too early")]
    Truncated,
    /// Bytes are left behind the last field.
    #[error("bytes follow the end of the message")]
    TrailingBytes,
    /// A field holds what its type cannot.
    #[error("the field '{0}' is invalid")]
    Invalid(&'static str),
    /// A list or text is longer than its bound.
    #[error("the field '{0}' is longer than allowed")]
    TooLong(&'static str),
}

/// Reads fields from the front of borrowed bytes.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Succeeds only where every byte was read.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
    }

    /// Whether every byte was read.
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes that were not read yet.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        Ok(self.bytes(N)?.try_into().expect("the slice has N bytes"))
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Sixteen bytes.
    pub fn u128(&mut self) -> Result<u128, DecodeError> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    /// A length of at most `most`, as list and text fields begin with.
    pub fn length(&mut self, field: &'static str, most: usize) -> Result<usize, DecodeError> {
        let length = self.u32()? as usize;
        if length <= most { Ok(length) } else { Err(DecodeError::TooLong(field)) }
    }

    /// A byte string of at most `most` bytes.
    pub fn byte_string(
        &mut self,
        field: &'static str,
        most: usize,
    ) -> Result<&'a [u8], DecodeError> {
        let length = self.length(field, most)?;
        self.bytes(length)
    }

    /// UTF-8 text of at most `most` bytes.
    pub fn text(&mut self, field: &'static str, most: usize) -> Result<&'a str, DecodeError> {
        core::str::from_utf8(self.byte_string(field, most)?)
            .map_err(|_| DecodeError::Invalid(field))
    }

    /// A 32-byte hash in its own byte order.
    pub fn hash(&mut self) -> Result<Hash256, DecodeError> {
        Ok(Hash256::from_bytes(self.array()?))
    }

    /// A job's name.
    pub fn job_id(&mut self) -> Result<JobId, DecodeError> {
        Ok(JobId::from_u64(self.u64()?))
    }

    /// An account or worker name.
    pub fn name(&mut self, field: &'static str) -> Result<Name, DecodeError> {
        self.text(field, NAME_BYTES_MAX)?.parse().map_err(|_| DecodeError::Invalid(field))
    }

    pub fn identity(&mut self) -> Result<Identity, DecodeError> {
        let user = self.text("user", NAME_BYTES_MAX)?;
        let worker = self.text("worker", NAME_BYTES_MAX)?;
        Identity::from_names(user, worker).map_err(|_| DecodeError::Invalid("identity"))
    }

    /// The start of a minute.
    pub fn minute(&mut self) -> Result<Minute, DecodeError> {
        Minute::from_seconds(self.u64()?).ok_or(DecodeError::Invalid("minute"))
    }

    /// A batch source.
    pub fn source(&mut self) -> Result<SourceId, DecodeError> {
        Ok(SourceId { gateway_id: self.u16()?, shard: self.u16()? })
    }
}

/// Appends fields to a message; the mirror of [`Reader`].
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty message that starts with a tag.
    pub fn tagged(tag: u8) -> Self {
        Self { bytes: vec![tag] }
    }

    /// The message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes so far.
    pub const fn written(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes as they are, without a length.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// One byte.
    pub fn u8(&mut self, number: u8) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Two bytes.
    pub fn u16(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Sixteen bytes.
    pub fn u128(&mut self, number: u128) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// The length that a list begins with.
    pub fn length(&mut self, length: usize) -> &mut Self {
        self.u32(u32::try_from(length).expect("lists are bounded far below 2^32"))
    }

    /// A byte string.
    pub fn byte_string(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(bytes.len()).bytes(bytes)
    }

    /// UTF-8 text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.byte_string(text.as_bytes())
    }

    /// A 32-byte hash in its own byte order.
    pub fn hash(&mut self, hash: &Hash256) -> &mut Self {
        self.bytes(hash.as_bytes())
    }

    /// A job's name.
    pub fn job_id(&mut self, job: JobId) -> &mut Self {
        self.u64(job.to_u64())
    }

    /// A name.
    pub fn name(&mut self, name: &Name) -> &mut Self {
        self.text(name.as_str())
    }

    /// A user's and a worker's name.
    pub fn identity(&mut self, identity: &Identity) -> &mut Self {
        self.text(identity.user()).text(identity.worker())
    }

    /// The start of a minute.
    pub fn minute(&mut self, minute: Minute) -> &mut Self {
        self.u64(minute.to_seconds())
    }

    /// A batch source.
    pub fn source(&mut self, source: SourceId) -> &mut Self {
        self.u16(source.gateway_id).u16(source.shard)
    }
}

/// At most this many bytes of a text, whole characters only.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_reads_past_the_end() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16(), Ok(0x0201));
        assert_eq!(reader.u16(), Err(DecodeError::Truncated));
        assert_eq!(reader.u8(), Ok(3));
        assert_eq!(reader.finish(), Ok(()));
        let huge = [0xff; 8];
        assert_eq!(Reader::new(&huge).text("name", 64), Err(DecodeError::TooLong("name")));
    }
}
