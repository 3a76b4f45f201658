"""Hears a room, and says in it each line that it reads.

Needs the redis package. REDIS_URL says where Redis is.
"""

import json
import os
import sys
import threading

import redis

room = sys.argv[1]
client = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
heard = client.pubsub(ignore_subscribe_messages=True)
heard.subscribe(f"from:{room}:message")


def hear():
    for message in heard.listen():
        print(json.loads(message["data"]).get("text"), flush=True)


threading.Thread(target=hear, daemon=True).start()
for line in sys.stdin:
    client.publish(f"to:{room}:message", json.dumps({"text": line.rstrip("\n")}))
