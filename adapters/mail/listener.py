"""An SMTP server on a free port of this machine, in a thread of its own, until it is closed.

For the mailbox of development and for tests. It must never listen on an address that others reach.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from typing import Any

from aiosmtpd.smtp import SMTP

from adapters.mail.smtp import SmtpServer

THIS_MACHINE = "127.0.0.1"
MESSAGE_BYTES_MAX = 33_554_432

# It writes down whole conversations, with everybody's addresses.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class SmtpListener:
    """Asks ``handler`` (see aiosmtpd) about each step of each conversation."""

    def __init__(self, handler: object) -> None:
        self._handler = handler
        self._listener = socket.create_server((THIS_MACHINE, 0))
        self._conversations: list[SMTP] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="smtp", daemon=True)
        port = self._listener.getsockname()[1]
        self.address = SmtpServer(THIS_MACHINE, port, "never")
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Stop listening and drop whoever is connected."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self._conversation, sock=self._listener)
        self._ready.set()
        await self._stop.wait()
        server.close()
        for conversation in self._conversations:
            if isinstance(conversation.transport, asyncio.Transport):
                conversation.transport.abort()
        await asyncio.sleep(0)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*others, return_exceptions=True)

    def _conversation(self) -> Any:
        conversation = SMTP(self._handler, data_size_limit=MESSAGE_BYTES_MAX, hostname="daybook", loop=self._loop)
        self._conversations = [each for each in self._conversations if each.transport is not None][-99:]
        self._conversations.append(conversation)
        return conversation
