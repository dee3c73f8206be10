//! What the worker may not do. It gets the bytes of a file through a pipe and answers through
//! another, so it needs no files, no network and no other programs at all.

use std::io;

/// Closes the cage for this process, for good.
#[cfg(target_os = "linux")]
pub fn close() -> io::Result<()> {
    limits()?;
    filter().map_err(io::Error::other)
}

/// Here only the memory cap and the deadline hold it.
#[cfg(not(target_os = "linux"))]
pub fn close() -> io::Result<()> {
    Ok(())
}

/// No core dumps of somebody's documents, no written file, and a second cap on memory in case that
/// something allocates past the first.
#[cfg(target_os = "linux")]
fn limits() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let to = |resource: Resource, most: u64| {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)
    };
    to(Resource::Core, 0)?;
    to(Resource::Fsize, 0)?;
    to(Resource::As, 3 * super::MEMORY_CAP as u64)?;
    Ok(())
}

/// Refuses the system calls that open files, sockets or programs; they fail as not permitted.
///
/// Landlock would do the same for files, but not for sockets, and is missing in more kernels.
#[cfg(target_os = "linux")]
fn filter() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

    let mut refused = vec![
        libc::SYS_openat,
        libc::SYS_openat2,
        libc::SYS_open_by_handle_at,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mkdirat,
        libc::SYS_mknodat,
        libc::SYS_truncate,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        libc::SYS_mount,
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kill,
        libc::SYS_io_uring_setup,
    ];
    #[cfg(target_arch = "x86_64")]
    refused.extend([
        libc::SYS_open,
        libc::SYS_creat,
        libc::SYS_unlink,
        libc::SYS_rename,
        libc::SYS_renameat,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_mkdir,
        libc::SYS_rmdir,
        libc::SYS_chmod,
        libc::SYS_fork,
        libc::SYS_vfork,
    ]);
    let rules = refused.into_iter().map(|call| (call, Vec::new())).collect();
    let not_permitted = SeccompAction::Errno(libc::EPERM as u32);
    let arch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, not_permitted, arch)?;
    seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?;
    Ok(())
}
