//! Drags files onto a window of an X display and drops them, as a file browser does: the source's
//! side of XDND version 5 (freedesktop.org/wiki/Specifications/XDND).

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME};

const VERSION: u32 = 5;
/// How long the window may take to answer; it may be drawing.
const PATIENCE: Duration = Duration::from_mins(1);

x11rb::atom_manager! {
    /// Names of the protocol.
    Atoms: AtomsCookie {
        XdndSelection,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndDrop,
        XdndFinished,
        XdndActionCopy,
        WM_PROTOCOLS,
        WM_DELETE_WINDOW,
        UriList: b"text/uri-list",
    }
}

struct Source {
    connection: RustConnection,
    atoms: Atoms,
    window: u32,
    target: u32,
    uris: String,
}

/// Drops a file or folder in the middle of a window, and waits until it was taken.
pub fn drop_on(display: &str, target: u32, path: &Path) -> Result<(), Box<dyn Error>> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id()?;
    connection.create_window(
        COPY_DEPTH_FROM_PARENT,
        window,
        root,
        0,
        0,
        1,
        1,
        0,
        WindowClass::INPUT_OUTPUT,
        COPY_FROM_PARENT,
        &CreateWindowAux::new(),
    )?;
    let atoms = Atoms::new(&connection)?.reply()?;
    connection.set_selection_owner(window, atoms.XdndSelection, CURRENT_TIME)?;
    let size = connection.get_geometry(target)?.reply()?;
    let middle = connection
        .translate_coordinates(
            target,
            root,
            size.width.cast_signed() / 2,
            size.height.cast_signed() / 2,
        )?
        .reply()?;
    let source = Source {
        connection,
        atoms,
        window,
        target,
        uris: format!("file://{}\r\n", path.display()),
    };
    source.tell(
        source.atoms.XdndEnter,
        [VERSION << 24, source.atoms.UriList, 0, 0],
    )?;
    let at = (u32::from(middle.dst_x as u16) << 16) | u32::from(middle.dst_y as u16);
    source.tell(
        source.atoms.XdndPosition,
        [0, at, CURRENT_TIME, source.atoms.XdndActionCopy],
    )?;
    let status = source.answered(source.atoms.XdndStatus)?;
    if status[1] & 1 == 0 {
        return Err("the window does not take it".into());
    }
    source.tell(source.atoms.XdndDrop, [0, CURRENT_TIME, 0, 0])?;
    source.answered(source.atoms.XdndFinished)?;
    Ok(())
}

/// Asks a window to close, as its button does.
pub fn close(display: &str, target: u32) -> Result<(), Box<dyn Error>> {
    let (connection, _) = x11rb::connect(Some(display))?;
    let atoms = Atoms::new(&connection)?.reply()?;
    let data = [atoms.WM_DELETE_WINDOW, CURRENT_TIME, 0, 0, 0];
    let message = ClientMessageEvent::new(32, target, atoms.WM_PROTOCOLS, data);
    connection.send_event(false, target, EventMask::NO_EVENT, message)?;
    connection.sync()?;
    Ok(())
}

impl Source {
    fn tell(&self, kind: Atom, data: [u32; 4]) -> Result<(), Box<dyn Error>> {
        let [a, b, c, d] = data;
        let message = ClientMessageEvent::new(32, self.target, kind, [self.window, a, b, c, d]);
        self.connection
            .send_event(false, self.target, EventMask::NO_EVENT, message)?;
        self.connection.flush()?;
        Ok(())
    }

    /// Waits for a message, and hands out the paths to who asks for them meanwhile.
    fn answered(&self, kind: Atom) -> Result<[u32; 5], Box<dyn Error>> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.connection.poll_for_event()? {
                Some(Event::SelectionRequest(request)) => self.hand_out(request)?,
                Some(Event::ClientMessage(message)) if message.type_ == kind => {
                    return Ok(message.data.as_data32());
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        Err("the window does not answer".into())
    }

    fn hand_out(&self, request: SelectionRequestEvent) -> Result<(), Box<dyn Error>> {
        let is_known = request.target == self.atoms.UriList;
        if is_known {
            self.connection.change_property8(
                PropMode::REPLACE,
                request.requestor,
                request.property,
                self.atoms.UriList,
                self.uris.as_bytes(),
            )?;
        }
        let none: Atom = AtomEnum::NONE.into();
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if is_known { request.property } else { none },
        };
        self.connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, answer)?;
        self.connection.flush()?;
        Ok(())
    }
}
