"""Lines of source that the emitted C shows in comments: long ones, and such as turn the direction of text.

SPDX-License-Identifier: Apache-2.0
"""
import flyte

env = flyte.TaskEnvironment(name="lines")


@env.sandbox.orchestrator
def long_lines():
    a = "一丁丂七丄丅丆万丈三上下丌不与丏丐丑丒专且丕世丗丘丙业丛东丝丞丟丠両丢丣两严並丧丨丩个丫丬中丮丯丰丱串丳临丵丶丷丸丹为主丼丽举丿乀乁乂乃乄久"
    ab = "一丁丂七丄丅丆万丈三上下丌不与丏丐丑丒专且丕世丗丘丙业丛东丝丞丟丠両丢丣两严並丧丨丩个丫丬中丮丯丰丱串丳临丵丶丷丸丹为主丼丽举丿乀乁乂乃乄久"
    abc = "一丁丂七丄丅丆万丈三上下丌不与丏丐丑丒专且丕世丗丘丙业丛东丝丞丟丠両丢丣两严並丧丨丩个丫丬中丮丯丰丱串丳临丵丶丷丸丹为主丼丽举丿乀乁乂乃乄久"
    return [len(a), len(ab), len(abc)]
    # expect: [70, 70, 70]


@env.sandbox.orchestrator
def directions():
    a = "‮abc⁦d"  # ‮ turned */ ‏
    return len(a)
    # expect: 6


@env.sandbox.orchestrator
def ends_a_comment():
    a = "*/ /* // \\ ??/"  # */ \
    return len(a)
    # expect: 14
