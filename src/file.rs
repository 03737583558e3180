//! A file that stands under its name only when it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Kind, Result};

/// A file being written. Dropped before [`NewFile::finish`], it leaves nothing behind, and what stood under the name
/// before stays.
pub struct NewFile {
    target: PathBuf,
    content: Content,
}

enum Content {
    /// Beside the target, in the same folder, so that renaming is atomic.
    Beside(BufWriter<NamedTempFile>),
    /// Into something that is no regular file, such as a pipe: there is nothing to replace.
    Into(BufWriter<File>),
}

impl NewFile {
    /// Begins the file. An error, before anything else was done, when its folder can't be written to.
    pub fn create(path: &Path) -> Result<NewFile> {
        let failed = |e: io::Error| {
            let kind = match e.kind() {
                io::ErrorKind::NotFound
                | io::ErrorKind::PermissionDenied
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::IsADirectory => Kind::Usage,
                _ => Kind::Internal,
            };
            Error::new(kind, format!("can't write {}", path.display())).caused_by(e)
        };
        // Through a link to what it names, so that the link stays.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let content = match fs::metadata(&target) {
            Ok(there) if there.is_dir() => {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Ok(there) if !there.is_file() => {
                let file = File::options().write(true).open(&target).map_err(failed)?;
                Content::Into(BufWriter::new(file))
            }
            there => {
                let folder = match target.parent() {
                    Some(folder) if !folder.as_os_str().is_empty() => folder,
                    _ => Path::new("."),
                };
                let mut builder = tempfile::Builder::new();
                builder.prefix(".sxinv-");
                let permissions = there.map(|there| there.permissions()).ok();
                #[cfg(unix)]
                let permissions = permissions.or_else(|| {
                    use std::os::unix::fs::PermissionsExt;
                    // As for any new file; the umask takes from it.
                    Some(fs::Permissions::from_mode(0o666))
                });
                if let Some(permissions) = permissions {
                    builder.permissions(permissions);
                }
                let file = builder.tempfile_in(folder).map_err(failed)?;
                Content::Beside(BufWriter::new(file))
            }
        };
        Ok(NewFile { target, content })
    }

    /// Everything is written: to the disk, and under its name.
    pub fn finish(self) -> Result<()> {
        let failed = |e: io::Error| {
            Error::internal(format!("can't write {}", self.target.display())).caused_by(e)
        };
        match self.content {
            Content::Into(mut file) => file.flush().map_err(failed),
            Content::Beside(file) => {
                let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
                file.as_file().sync_all().map_err(failed)?;
                file.persist(&self.target).map_err(|e| failed(e.error))?;
                Ok(())
            }
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.content {
            Content::Beside(file) => file.write(bytes),
            Content::Into(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.content {
            Content::Beside(file) => file.flush(),
            Content::Into(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_under_its_name_only_when_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        fs::write(&path, "old").unwrap();
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_found_out_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let error = NewFile::create(&folder.path().join("none/report.csv")).err();
        assert_eq!(error.unwrap().kind(), Kind::Usage);
        let error = NewFile::create(folder.path()).err();
        assert_eq!(error.unwrap().kind(), Kind::Usage);
    }
}
