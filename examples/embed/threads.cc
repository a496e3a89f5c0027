// A host in C++ without a dispatcher: its runs belong to the main thread, the tasks are carried out by threads of its own.
//
// The two sides share two queues and nothing of the library: a worker gets the task's name and its arguments as JSON, and
// gives back JSON or an error under the run's number and the call's id. The main thread answers when something has come, in
// whatever order. See README.md.
// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "shop.h"

namespace
{

struct RunCloser {
	void operator()(sbx_run *run) const { sbx_run_free(run); }
};
using Run = std::unique_ptr<sbx_run, RunCloser>;

void check(sbx_status status)
{
	if (status < 0)
		throw std::runtime_error(sbx_status_text(status));
}

struct Message {
	size_t run;
	uint64_t call;
	std::string task; // to a worker; from one: the exception's type, or empty
	std::string text; // arguments; result; or what the exception says
};

class Queue
{
  public:
	void put(Message message)
	{
		std::lock_guard<std::mutex> lock(mutex_);
		messages_.push_back(std::move(message));
		some_.notify_one();
	}
	// Waits for one. False: the queue was closed.
	bool take(Message &message)
	{
		std::unique_lock<std::mutex> lock(mutex_);
		some_.wait(lock, [this] { return closed_ || !messages_.empty(); });
		if (messages_.empty())
			return false;
		message = std::move(messages_.front());
		messages_.pop_front();
		return true;
	}
	void close()
	{
		std::lock_guard<std::mutex> lock(mutex_);
		closed_ = true;
		some_.notify_all();
	}

  private:
	std::mutex mutex_;
	std::condition_variable some_;
	std::deque<Message> messages_;
	bool closed_ = false;
};

// ---- the workers' side ----

// A value of a heap that this thread alone uses, and that goes with the function.
class Scratch
{
  public:
	Scratch() { check(sbx_heap_open(1 << 20, &heap_)); }
	~Scratch() { sbx_heap_close(heap_); }
	Scratch(const Scratch &) = delete;
	Scratch &operator=(const Scratch &) = delete;
	operator sbx_heap *() const { return heap_; }

  private:
	sbx_heap *heap_ = nullptr;
};

std::string text_of(sbx_heap *heap, sbx_value value)
{
	size_t length = 0;
	const char *text = sbx_peek_str(heap, value, &length);
	return text ? std::string(text, length) : std::string();
}

std::string to_json(sbx_heap *heap, sbx_value value)
{
	sbx_value text;
	check(sbx_json_dump(heap, value, &text));
	return text_of(heap, text);
}

sbx_value str_make(sbx_heap *heap, const std::string &text)
{
	return sbx_str_make(heap, text.data(), text.size());
}

std::string carry_out(const std::string &task, const std::string &arguments)
{
	Scratch heap;
	sbx_value list, result = sbx_none();
	check(sbx_json_load(heap, arguments.data(), arguments.size(), &list));
	const std::string first = text_of(heap, sbx_peek_item(list, 0));
	int64_t number = 0;
	if (task == "shop.price")
		result = sbx_int(100 * static_cast<int64_t>(first.size()));
	else if (task == "shop.reserve")
		result = str_make(heap, "reserved " + first);
	else if (task == "shop.charge" && first == "Nobody")
		throw std::invalid_argument("no such customer");
	else if (task == "shop.charge" && sbx_get_int(sbx_peek_item(list, 1), &number))
		result = str_make(heap, first + " paid " + std::to_string(number));
	else if (task == "shop.ship")
		result = str_make(heap, std::to_string(sbx_count(sbx_peek_item(list, 1))) + " to " + first);
	return to_json(heap, result);
}

void work(Queue &calls, Queue &outcomes)
{
	Message message;
	while (calls.take(message)) {
		try {
			message.text = carry_out(message.task, message.text);
			message.task.clear();
		} catch (const std::exception &error) {
			message.task = "ValueError";
			message.text = error.what();
		}
		outcomes.put(std::move(message));
	}
}

// ---- the main thread's side ----

std::string arguments_of(sbx_run *run, const sbx_call *call)
{
	std::vector<sbx_value> values;
	for (size_t i = 0; i < sbx_call_arg_count(call); i++)
		values.push_back(sbx_call_arg(call, i));
	sbx_value list = sbx_list_make(run, values.data(), values.size());
	std::string text = to_json(run, list);
	sbx_value_free(run, list);
	return text;
}

// Steps the run and hands its calls to the workers. True: it has ended.
bool advance(sbx_run *run, size_t number, Queue &calls)
{
	const sbx_status status = sbx_run_step(run);
	while (const sbx_call *call = sbx_run_next_call(run))
		calls.put(Message{number, sbx_call_id(call), sbx_call_task_name(call), arguments_of(run, call)});
	return status != SBX_WAITING;
}

sbx_status deliver(sbx_run *run, const Message &message)
{
	if (message.task.empty())
		return sbx_run_answer_json(run, message.call, message.text.data(), message.text.size());
	return sbx_run_fail(run, message.call, message.task.c_str(), message.text.c_str(), nullptr);
}

void print_end(const char *inputs, sbx_run *run)
{
	if (sbx_run_status(run) == SBX_DONE)
		std::printf("%s\n  %s\n", inputs, to_json(run, sbx_run_result(run)).c_str());
	else
		std::printf("%s\n  %s\n", inputs, sbx_run_error_text(run));
}

void serve(int count, char **inputs)
{
	Queue calls, outcomes;
	std::vector<Run> runs;
	std::vector<std::thread> threads;
	size_t open = 0;
	for (int i = 0; i < count; i++) {
		sbx_run *run = nullptr;
		const sbx_status status =
			sbx_run_open_json(&sbx_machine_shop_order, inputs[i], std::strlen(inputs[i]), nullptr, &run);
		runs.emplace_back(run);
		if (status != SBX_E_INPUT) // else it can tell what is wrong with its inputs
			check(status);
	}
	for (size_t i = 0; i < 4; i++)
		threads.emplace_back([&] { work(calls, outcomes); });
	for (size_t i = 0; i < runs.size(); i++)
		open += !advance(runs[i].get(), i, calls);
	Message message;
	while (open && outcomes.take(message)) {
		sbx_run *run = runs[message.run].get();
		// One that is not wanted any more (another call of its flyte_map has failed) is SBX_E_NO_CALL.
		if (deliver(run, message) != SBX_E_NO_CALL && sbx_run_status(run) != SBX_WAITING)
			open -= advance(run, message.run, calls);
		while (const sbx_call *call = sbx_run_next_call(run)) // a map that had waited for a free place
			calls.put(
				Message{message.run, sbx_call_id(call), sbx_call_task_name(call), arguments_of(run, call)});
	}
	calls.close();
	for (std::thread &thread : threads)
		thread.join();
	for (size_t i = 0; i < runs.size(); i++)
		print_end(inputs[i], runs[i].get());
}

} // namespace

int main(int argc, char **argv)
{
	try {
		serve(argc - 1, argv + 1);
	} catch (const std::exception &error) {
		std::fprintf(stderr, "threads: error: %s\n", error.what());
		return 1;
	}
	return 0;
}
