from commonroom import Channel


async def join(url, room, hear):
    channel = Channel(url, auto_reconnect=True)
    channel.on_room_message(room, lambda message: hear(message["text"]))
    await channel.connect()
    await channel.join(room)

    async def say(text):
        await channel.send_to(room, {"text": text})

    return say
