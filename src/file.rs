//! A file that stands under its name only when it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempPath;

use crate::cleanup::{self, Cleanup};
use crate::error::{Error, Kind, Result};

/// Around the random part of a file's name before it has its own.
const PREFIX: &str = ".sxinv-";
const SUFFIX: &str = ".tmp";

/// A file of such a name that nobody wrote to for so long was left behind by a program that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// A file being written. Dropped before [`NewFile::finish`], it leaves nothing behind, and what stood under the name
/// before stays.
pub struct NewFile {
    target: PathBuf,
    content: Content,
}

enum Content {
    /// Beside the target, in the same folder, so that renaming is atomic; a signal leaves nothing of it.
    Beside(BufWriter<File>, TempPath, Cleanup),
    /// Into something that is no regular file, such as a pipe: there is nothing to replace.
    Into(BufWriter<File>),
}

impl NewFile {
    /// Begins the file. An error, before anything else was done, when its folder can't be written to.
    pub fn create(path: &Path) -> Result<NewFile> {
        // As for any new file; the umask takes from it.
        NewFile::begin(path, 0o666)
    }

    /// Begins a file that its owner alone can read.
    pub fn private(path: &Path) -> Result<NewFile> {
        NewFile::begin(path, 0o600)
    }

    /// A file that is replaced hands on who may read it; a new one has this mode.
    fn begin(path: &Path, mode: u32) -> Result<NewFile> {
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
        // A name for an open file, such as /dev/stdout: what is behind it is not to be replaced.
        let by_handle = ["/dev/", "/proc/"].iter().any(|of| path.starts_with(of));
        let content = match fs::metadata(&target) {
            Ok(there) if by_handle && !there.is_dir() => {
                let file = File::options().append(true).open(path).map_err(failed)?;
                Content::Into(BufWriter::new(file))
            }
            Ok(there) if there.is_dir() => {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Ok(there) if !there.is_file() => {
                let file = File::options().write(true).open(&target).map_err(failed)?;
                Content::Into(BufWriter::new(file))
            }
            there => {
                let folder = folder_of(&target);
                clear_left_behind(folder);
                let mut builder = tempfile::Builder::new();
                builder.prefix(PREFIX).suffix(SUFFIX);
                let permissions = there.map(|there| there.permissions()).ok();
                #[cfg(unix)]
                let permissions = permissions.or_else(|| {
                    use std::os::unix::fs::PermissionsExt;
                    Some(fs::Permissions::from_mode(mode))
                });
                #[cfg(not(unix))]
                let _ = mode;
                if let Some(permissions) = permissions {
                    builder.permissions(permissions);
                }
                // Apart, so that what goes wrong is not told of a name that nobody will find.
                let (file, path) = builder.tempfile_in(folder).map_err(failed)?.into_parts();
                let begun = path.to_path_buf();
                let cleanup = cleanup::on_exit(move || drop(fs::remove_file(&begun)));
                Content::Beside(BufWriter::new(file), path, cleanup)
            }
        };
        Ok(NewFile { target, content })
    }

    /// The same error about this file, whatever it says could not be written.
    pub fn unwritten(&self, error: Error) -> Error {
        error.reworded(format!("can't write {}", self.target.display()))
    }

    /// Everything is written: to the disk, and under its name.
    pub fn finish(self) -> Result<()> {
        let failed = |e: io::Error| {
            Error::internal(format!("can't write {}", self.target.display())).caused_by(e)
        };
        match self.content {
            Content::Into(mut file) => file.flush().map_err(failed),
            Content::Beside(file, path, _cleanup) => {
                let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
                file.sync_all().map_err(failed)?;
                path.persist(&self.target).map_err(|e| failed(e.error))?;
                // The name is on disk when its folder is; where a folder can't be opened, the file system sees to it.
                if let Ok(folder) = File::open(folder_of(&self.target)) {
                    let _ = folder.sync_all();
                }
                Ok(())
            }
        }
    }
}

/// The folder that a file stands in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Removes what programs that were killed left behind in a folder, as far as that goes.
fn clear_left_behind(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let is_old = || {
            let written = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            written.modified().ok()?.elapsed().ok()
        };
        if is_ours && is_old().is_some_and(|age| age > LEFT_BEHIND) {
            // Another may be faster, or it may not be ours to remove.
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (Content::Beside(file, ..) | Content::Into(file)) = &mut self.content;
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let (Content::Beside(file, ..) | Content::Into(file)) = &mut self.content;
        file.flush()
    }
}

/// Which file stands under a name, whatever it is called: `None` where there is none, or where files have no such number.
pub fn file_id(path: &Path) -> Option<String> {
    id_of(&fs::metadata(path).ok()?)
}

/// See [`file_id`].
#[cfg(unix)]
pub fn id_of(there: &fs::Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    Some(format!("{}:{}", there.dev(), there.ino()))
}

/// See [`file_id`].
#[cfg(not(unix))]
pub fn id_of(_: &fs::Metadata) -> Option<String> {
    None
}

/// What stands there that is no regular file, in words: opening a pipe waits for its other end, and a database in a device
/// is none.
pub fn irregular(there: &fs::Metadata) -> Option<&'static str> {
    #[cfg(unix)]
    use std::os::unix::fs::FileTypeExt;
    let kind = there.file_type();
    if kind.is_file() {
        return None;
    }
    #[cfg(unix)]
    if kind.is_fifo() {
        return Some("a pipe");
    } else if kind.is_socket() {
        return Some("a socket");
    }
    Some(if kind.is_dir() {
        "a folder"
    } else {
        "a device"
    })
}

/// An error where something stands under this name that is no regular file. Nothing may stand there.
pub fn regular_or_none(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) => irregular(&there).map_or(Ok(()), |what| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy();
            Err(io::Error::other(format!(
                "{name} is {what}, not a regular file"
            )))
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
}

/// A file that something stands on: it has to stay under its name.
#[derive(Clone, Debug)]
pub struct Kept {
    path: PathBuf,
    id: Option<String>,
}

impl Kept {
    /// The file that stands there now.
    pub fn new(path: PathBuf) -> Kept {
        let id = file_id(&path);
        Kept { path, id }
    }

    /// Whether it still stands there.
    pub fn is_there(&self) -> bool {
        file_id(&self.path) == self.id
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a folder that its owner alone can enter, and those above it, where they are missing.
pub fn private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("can't make the folder {}", folder.display()))
}

/// Makes a database file that its owner alone can read, where it is missing. SQLite would make it by the umask; the mode
/// of its log follows the file's.
///
/// One that is there is left alone: closing a file gives up every lock that this process has on it (POSIX, fcntl), those of
/// SQLite too, and then another process takes the log away under us.
pub fn private_database(path: &Path) -> anyhow::Result<()> {
    private_folder(folder_of(path))?;
    if path.exists() {
        return Ok(());
    }
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).context("can't open it for writing")?;
    Ok(())
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
    fn what_a_killed_program_left_behind_is_cleared_away_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let days = |n| std::time::SystemTime::now() - n * LEFT_BEHIND;
        for (name, days_old, stays) in [
            (".sxinv-aaaaaa.tmp", 2, false),
            (".sxinv-bbbbbb.tmp", 0, true),
            (".sxinv-config", 2, true),
            ("stock.tmp", 2, true),
        ] {
            let path = folder.path().join(name);
            let file = File::create(&path).unwrap();
            file.set_modified(days(days_old)).unwrap();
            drop(NewFile::create(&folder.path().join("stock.csv")).unwrap());
            assert_eq!(path.exists(), stays, "{name}");
        }
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
