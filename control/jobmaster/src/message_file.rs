//! The operator's message in the coinbase, on disk: it outlives a restart.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One file of text, written beside its place and moved into it.
pub(crate) struct MessageFile(PathBuf);

impl MessageFile {
    pub(crate) fn of(data_folder: &Path) -> Self {
        Self(data_folder.join("coinbase_message"))
    }

    /// What was written last; nothing where nothing was.
    pub(crate) fn read(&self) -> io::Result<String> {
        match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }

    pub(crate) fn write(&self, message: &str) -> io::Result<()> {
        let beside = self.0.with_extension("writing");
        let mut file = fs::File::create(&beside)?;
        file.write_all(message.as_bytes())?;
        file.sync_data()?;
        fs::rename(&beside, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_last_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = MessageFile::of(folder.path());
        assert_eq!(file.read().unwrap(), "");
        for text in ["one", "", "\u{e9} two"] {
            file.write(text).unwrap();
            assert_eq!(MessageFile::of(folder.path()).read().unwrap(), text);
        }
    }
}
