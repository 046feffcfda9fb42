# SPDX-License-Identifier: MIT
# Checks the output of the course's programs. The expected numbers come from closed forms or publications, not from a run.

function(test_example name expected)
  if(TARGET ${name})
    add_test(NAME examples/${name} COMMAND ${name} ${ARGN})
    set_tests_properties(examples/${name} PROPERTIES PASS_REGULAR_EXPRESSION "${expected}" LABELS examples TIMEOUT 600)
  endif()
endfunction()

test_example(
  01_loss_on_your_tensors
  "-120       1           30     -0.04167\n.*mean 5.04741\n.*ours: the same bits\n.*hopeless one: 0.026109\n.*threads: the same bits\n.*\\(2, 3\\).*\\(3, 2\\)")
test_example(02_your_own_loss "0    1   1.693147  -1.00000000.* they agree\n.*must be at least -1, got -2")
# Wikipedia: intercept -4.1, 1.5 per hour; 0.25 or 0.26 after two hours, 0.87 after four hours.
test_example(03_your_own_tensor "6   8.029878   -4.0777134    1.5046454 .*after two hours: 0.26, after four: 0.87")
test_example(04_train_a_network "stopped after 1?[0-9]?[0-9] epochs.* accuracy 0\\.9[5-9][0-9], ROC AUC 0\\.99")
set(ring ${CMAKE_CURRENT_BINARY_DIR}/ring.safetensors)
test_example(05_save_and_predict "rows 0\\.9[7-9].*2.weight   \\(16, 32\\).*ring.safetensors: .* the same bits" ${ring})
test_example(
  05_predict_only
  "0.00,  0.00\\) outside.*0.70,  0.00\\) inside.*0.50, -0.50\\) inside.*0.95,  0.95\\) outside.*predictions [0-9.]+ ms.*[0-9]+ kB"
  ${ring})
if(TARGET 05_predict_only)
  set_tests_properties(examples/05_save_and_predict PROPERTIES FIXTURES_SETUP ring)
  set_tests_properties(examples/05_predict_only PROPERTIES FIXTURES_REQUIRED ring)
  find_package(Python3 QUIET COMPONENTS Interpreter)
  if(Python3_FOUND)
    add_test(NAME io/safetensors_package
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/io/safetensors_package.py ${ring}
                     $<TARGET_FILE:05_predict_only> ${CMAKE_CURRENT_BINARY_DIR}/safetensors_package)
    set_tests_properties(io/safetensors_package PROPERTIES FIXTURES_REQUIRED ring LABELS io TIMEOUT 600
                                                           SKIP_REGULAR_EXPRESSION "skipped: ")
  endif()
  add_test(NAME examples/05_predict_only/no_file COMMAND 05_predict_only ${CMAKE_CURRENT_BINARY_DIR}/no.safetensors)
  set_tests_properties(examples/05_predict_only/no_file PROPERTIES PASS_REGULAR_EXPRESSION "no.safetensors" LABELS examples)
endif()
test_example(06_your_own_backend
             "row_backend\n.* products do not depend on the place +passed\n.*[3-9][0-9] laws hold, 0 do not.* 5 laws hold, 0 do not")
test_example(07_digits
             "linear layers.*accuracy 0\\.9[0-9]+.*convolutions.*accuracy 0\\.9[7-9].*is right on more than 97 %")
test_example(08_two_inputs
             "without class weights.*accuracy 0\\.8[0-9]+\n.*with class weights.*accuracy 0\\.[78][0-9]+\n.* finds more of the failing machines")
test_example(09_sequences "gru.*error 0\\.0.*attention.*error 0\\.0.*is below a tenth")

if(TARGET fraud_xtensor)
  add_test(NAME examples/fraud_cli COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/examples/fraud_cli.sh $<TARGET_FILE:fraud_xtensor>)
  set_tests_properties(examples/fraud_cli PROPERTIES LABELS examples TIMEOUT 600)
  add_test(NAME examples/kill COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/examples/kill.sh $<TARGET_FILE:fraud_xtensor>)
  set_tests_properties(examples/kill PROPERTIES LABELS examples TIMEOUT 600)
endif()
